// Which elastic agents `max_agents` counts.

import type { ElasticAgentPolicy } from './elastic-profile.ts';

/** So long after a request an agent is likely to come still; then GoCD asks its plugins again, too. */
const COMING_MS = 120_000;

interface Agent {
  readonly phase: 'starting' | 'registered' | 'retiring';
  readonly agentId?: string;
  readonly keyExpiresAt: number;
}

/**
 * Whoever is there or is awaited. One that was given up before anything was seen of it, and that nobody can look for (v5: it has no id
 * until it registers), is most likely none: it is kept in mind only for the case that it comes late, and then it counts again.
 */
export function takesRoom(
  { phase, agentId, keyExpiresAt }: Agent,
  { startTimeoutMs }: Pick<ElasticAgentPolicy, 'startTimeoutMs'>,
  now: number,
): boolean {
  if (phase !== 'retiring' || agentId !== undefined) return true;
  return now < keyExpiresAt - startTimeoutMs + COMING_MS;
}
