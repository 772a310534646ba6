import type { FastifyReply } from 'fastify';

/** Pretty, as GoCD's API answers (server-config-api 3.1). */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Pretty, as GoCD's API answers (server-config-api 3.1). */
export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  const type = reply.getHeader('Content-Type') ?? 'application/json; charset=utf-8';
  return reply.header('Content-Type', type).send(jsonText(value));
}
