import { CONTEXT_PATH, FILES_PATH } from '@go-agent/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Halt } from './halt.ts';

const FILES = CONTEXT_PATH + FILES_PATH;

/** Styles, images and links work; scripts and forms do not, and the page belongs to no origin, so that it is nobody. */
const SANDBOX = "sandbox allow-popups; script-src 'none'";

/**
 * Artifacts are written by whatever a job runs, and shown from the origin that the REST API has: a page among them must not act as the
 * user who looks at it. Browsers that do not keep to the sandbox name the page as the referer of its requests; GoCD goes by
 * that alone (agent-protocol 3.2).
 */
export function artifactPages(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (isForFile(request)) reply.header('Content-Security-Policy', SANDBOX);
    else if (isFromFile(request.headers.referer))
      throw Halt.message(400, 'A page among the artifacts of a job must not use the server.');
    done();
  });
}

/** As the router has understood the path: it may be escaped in many ways. */
function isForFile({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.startsWith(FILES) ?? false;
}

function isFromFile(referer: string | undefined): boolean {
  if (referer === undefined || !URL.canParse(referer)) return false;
  try {
    return decodeURIComponent(new URL(referer).pathname).startsWith(FILES);
  } catch {
    // No address of ours: the router takes no malformed escape.
    return false;
  }
}
