import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Halt } from '../http/halt.ts';
import { jsonBody } from './api-route.ts';

/**
 * The body of a write, checked; a missing one is an empty object. Keys that are not known are ignored, as GoCD does.
 * @throws Halt 400 if it is not JSON, 422 if it does not fit
 */
export function decodedBody<Schema extends z.ZodType>(
  request: FastifyRequest,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(jsonBody(request) ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  throw Halt.message(422, `Cannot read the request body: ${problems.join('; ')}`);
}
