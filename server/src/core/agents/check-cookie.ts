import type { AgentRuntimeInfo } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
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
  if (info.cookie === undefined) throw new AppError('agent-cookie', `${who} has no cookie set`);
  if (agent.record.cookie === undefined || agent.record.cookie === info.cookie) return;
  health.reportFor(WARNING_LIFE_MS, {
    scope: `agent/${uuid}/duplicate`,
    level: 'warning',
    message: `[${hostName}, ${ipAddress}, ${info.location}] has a duplicate unique identifier`,
    detail:
      `It conflicts with [${agent.record.hostName}, ${agent.record.ipAddress}, ${agent.record.location}]. ` +
      'Remove config/guid.txt and config/token in the home of one of them and restart it.',
  });
  throw new AppError('agent-cookie', `${who} has invalid cookie`);
}
