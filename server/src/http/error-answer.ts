import type { AppError, Logger } from '@go-agent/runtime';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Halt, NOT_FOUND } from './halt.ts';
import { isStorageFailure } from './storage-failure.ts';

/** What hinders this server itself is mended by an operator; asked more often, it would be hindered more. */
const RETRY_AFTER_S = 10;

/**
 * The last resort of every route: a {@link Halt} is sent as it is, what Fastify refuses keeps its status, storage that fails is a
 * 503 with `Retry-After`, anything else a 500, both `{"error": …}` and one line in the log.
 */
export function errorHandler(logger: Logger) {
  return (error: FastifyError | AppError | Halt, request: FastifyRequest, reply: FastifyReply): void => {
    const halt = asHalt(error);
    if (halt.status >= 500) {
      logger.error({ method: request.method, path: pathOf(request.url), err: error }, 'Request failed');
    }
    // A browser then shows its login box; the scripts of a page ask not to.
    if (halt.status === 401 && request.headers['x-requested-with'] !== 'XMLHttpRequest') {
      reply.header('WWW-Authenticate', 'Basic realm="GoCD"');
    }
    sendHalt(reply, halt);
  };
}

export function sendHalt(reply: FastifyReply, halt: Halt): void {
  if (halt.status === 503) reply.header('Retry-After', RETRY_AFTER_S);
  void reply.code(halt.status).header('Content-Type', halt.contentType).send(halt.body);
}

export function notFoundHandler(_request: FastifyRequest, reply: FastifyReply): void {
  sendHalt(reply, Halt.message(404, NOT_FOUND));
}

/** Without the query, which may hold a key. */
function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

function asHalt(error: FastifyError | AppError | Halt): Halt {
  if (error instanceof Halt) return error;
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status < 500) return Halt.message(status, error.message);
  return Halt.error(isStorageFailure(error) ? 503 : 500, error.message);
}
