import { HeaderName } from '@go-agent/protocol';
import type { FastifyRequest } from 'fastify';
import type { AgentDesk } from '../core.ts';
import { Halt } from '../http/halt.ts';

const GUID = HeaderName.agentGuid.toLowerCase();

/** The agent that a `/remoting` request says it is from. */
export function agentUuidOf(request: FastifyRequest): string {
  const header = request.headers[GUID];
  return typeof header === 'string' ? header : '';
}

/**
 * The filter before everything below `/go/remoting/` (agent-protocol 3.2). In memory, since it is asked at each request.
 * @throws Halt 403 without a body for whoever is not a registered agent
 */
export function checkAgent(agents: AgentDesk, request: FastifyRequest): void {
  const uuid = agentUuidOf(request);
  const token = request.headers.authorization ?? '';
  if (uuid.trim() === '' || token.trim() === '' || !agents.authenticate(uuid, token)) throw Halt.empty(403);
}
