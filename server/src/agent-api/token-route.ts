import type { FastifyInstance } from 'fastify';
import type { AgentDesk } from '../core.ts';
import { Halt } from '../http/halt.ts';

/** `GET /go/admin/agent/token?uuid=…` (agent-protocol 2.2). */
export function tokenRoute(app: FastifyInstance, agents: AgentDesk): void {
  app.get<{ Querystring: { uuid?: string | string[] } }>('/go/admin/agent/token', async (request, reply) => {
    const { uuid } = request.query;
    if (typeof uuid !== 'string') throw Halt.text(400, "Required parameter 'uuid' is not present.");
    if (uuid.trim() === '') throw Halt.text(409, 'UUID cannot be blank.');
    const outcome = await agents.token(uuid);
    if (outcome.type === 'conflict') throw Halt.text(409, outcome.message);
    return reply.type('text/plain; charset=utf-8').send(outcome.token);
  });
}
