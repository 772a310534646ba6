import type { AgentRuntimeInfo } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import { AgentCookieError, type KnownAgent } from '../../domain/agent-cookie-error.ts';
import type { HealthBoard } from '../health-board.ts';
import type { LiveAgent } from './live-agent.ts';

/** The pings of the two agents come every 5 s; the warning lives a little longer than they take to collide again. */
const WARNING_LIFE_MS = 30_000;

/** Two agents with one guid: the one that asked for a cookie last is the real one (reference: agent-protocol 3.4). @throws AppError `agent-cookie`, `agent-unknown` */
export function checkCookie(agent: LiveAgent | undefined, info: AgentRuntimeInfo, health: HealthBoard): void {
  const { hostName, ipAddress, uuid } = info.identifier;
  if (agent === undefined || agent.pending)
    throw new AppError('agent-unknown', `Agent [${uuid}] is not registered.`);
  const who = `Agent [${hostName}, ${ipAddress}, ${uuid}]`;
  if (info.cookie === undefined) throw new AgentCookieError(`${who} has no cookie set`, knownAs(agent));
  if (agent.record.cookie === undefined || agent.record.cookie === info.cookie) return;
  health.reportFor(WARNING_LIFE_MS, {
    scope: `agent/${uuid}/duplicate`,
    level: 'warning',
    message: `[${hostName}, ${ipAddress}, ${info.location}] has a duplicate unique identifier`,
    detail:
      `It conflicts with [${agent.record.hostName}, ${agent.record.ipAddress}, ${agent.record.location}]. ` +
      'Stop one of them, run go-agent config new-guid there, and start it again.',
  });
  throw new AgentCookieError(`${who} has invalid cookie`, knownAs(agent));
}

function knownAs({ record, lastHeardAt }: LiveAgent): KnownAgent {
  const { hostName, ipAddress, location } = record;
  return { hostName, ipAddress, location, ...(lastHeardAt === undefined ? {} : { lastHeardAt }) };
}
