import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify';
import { acceptVersion } from '../http/accept-version.ts';
import { checkWriteBody } from '../http/confirmation.ts';
import { Halt } from '../http/halt.ts';
import { sendJson } from '../http/json-answer.ts';

const WRONG_URL = 'The url you are trying to reach appears to be incorrect.';

export interface ApiRoute<Route extends RouteGenericInterface> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/go`. */
  readonly path: string;
  /** Versions of the resource that are answered; older ones where the shape is the same or has only gained. */
  readonly versions: readonly number[];
  /** The answer's body. Undefined: the handler has answered by itself. */
  handle(request: FastifyRequest<Route>, reply: FastifyReply): Promise<unknown>;
}

/** One endpoint of the REST API, with the rules that are common to all (server-config-api 3.1). */
export function apiRoute<Route extends RouteGenericInterface>(
  app: FastifyInstance,
  route: ApiRoute<Route>,
): void {
  app.route({
    method: route.method,
    url: `/go${route.path}`,
    onRequest: (request, reply, done) => {
      const accepted = acceptVersion(request.headers.accept, route.versions);
      if (accepted.type === 'not-api') throw Halt.text(404, WRONG_URL);
      if (accepted.type === 'no-such-version') throw Halt.message(404, WRONG_URL);
      reply.header('Content-Type', `${accepted.mediaType}; charset=utf-8`);
      reply.header('Cache-Control', 'max-age=0, private, must-revalidate');
      done();
    },
    handler: async (request, reply) => {
      // DELETE is not among the methods that GoCD wants confirmed: no page can send it to another origin by itself.
      if (['POST', 'PUT', 'PATCH'].includes(request.method))
        checkWriteBody(request.headers, bytesOf(request));
      const answer = await route.handle(request as FastifyRequest<Route>, reply);
      return answer === undefined ? reply : sendJson(reply, answer);
    },
  });
}

/**
 * The JSON of a write; undefined if it has no body.
 * @throws Halt 400
 */
export function jsonBody(request: FastifyRequest): unknown {
  const bytes = bytesOf(request);
  if (bytes === undefined || bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw Halt.error(
      400,
      `Payload data is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function bytesOf(request: FastifyRequest): Buffer | undefined {
  return Buffer.isBuffer(request.body) ? request.body : undefined;
}
