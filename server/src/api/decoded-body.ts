import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Halt } from '../http/halt.ts';
import { jsonBody } from './api-route.ts';

/**
 * The body of a write, checked; a missing one is an empty object. Keys that are not known are ignored, as GoCD does.
 * @param entity what is to be changed, as it is shown: goes into the answer beside what does not fit (server-config-api 3.1)
 * @throws Halt 400 if it is not JSON, 422 if it does not fit
 */
export function decodedBody<Schema extends z.ZodType>(
  request: FastifyRequest,
  schema: Schema,
  entity?: object,
): z.output<Schema> {
  const result = schema.safeParse(jsonBody(request) ?? {});
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  const message = `Cannot read the request body: ${problems.join('; ')}`;
  if (entity === undefined) throw Halt.message(422, message);
  const byField = Map.groupBy(result.error.issues, ({ path }) => String(path[0] ?? 'body'));
  throw invalidEntity(
    message,
    entity,
    Object.fromEntries([...byField].map(([field, issues]) => [field, issues.map((issue) => issue.message)])),
  );
}

/** How an entity that cannot be so is answered (server-config-api 3.1). @param errors by field */
export function invalidEntity(
  message: string,
  entity: object,
  errors: Readonly<Record<string, readonly string[]>>,
): Halt {
  return Halt.json(422, { message, data: { ...entity, errors } });
}
