import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sends `body`, or 304 to who has it already: for what many clients ask for again and again. */
export function sendUnlessKnown(request: FastifyRequest, reply: FastifyReply, body: string): FastifyReply {
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  reply.header('ETag', etag);
  return knows(request.headers['if-none-match'], etag) ? reply.code(304).send() : reply.send(body);
}

/** Proxies that compress make a tag a weak one, and Jetty's clients a tag with `--gzip` at its end (server-config-api 3.1). */
function knows(header: string | undefined, etag: string): boolean {
  return (header ?? '')
    .split(',')
    .map((tag) =>
      tag
        .trim()
        .replace(/^W\//, '')
        .replace(/--gzip"$/, '"'),
    )
    .some((tag) => tag === etag || tag === '*');
}
