import type { Logger } from '@go-agent/runtime';
import fastify, { type FastifyInstance } from 'fastify';
import { errorHandler, notFoundHandler, sendHalt } from './error-answer.ts';
import { Halt } from './halt.ts';

/** The methods of a route that serves files. */
export const READ = ['GET', 'HEAD'];

/** On every answer of GoCD (agent-protocol 0). */
const HEADERS = {
  'X-XSS-Protection': '1; mode=block',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'X-UA-Compatible': 'chrome=1',
} as const;

/** The bare application: what is common to all routes. It listens nowhere; `app.routing` is what a listener calls. */
export function httpApp({
  logger,
  stopping,
}: {
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}): FastifyInstance {
  const app = fastify({
    // Access logs cost more than an agent's ping; what goes wrong is logged where it is known.
    logger: false,
    bodyLimit: 1024 * 1024,
    // Fastify's own would read a file to its end to answer HEAD.
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 8192 },
    frameworkErrors: (error, _request, reply) =>
      sendHalt(reply, Halt.message(error.statusCode ?? 400, error.message)),
  });
  app.setErrorHandler(errorHandler(logger));
  app.setNotFoundHandler(notFoundHandler);
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(HEADERS);
    done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Idle connections are closed when the server stops, but this one will be idle only later.
    if (stopping.aborted) reply.header('Connection', 'close');
    done(null, payload);
  });
  return app;
}
