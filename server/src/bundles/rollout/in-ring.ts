import { createHash } from 'node:crypto';
import type { Rollout } from './rollout-state.ts';

export interface RingAgent {
  readonly guid: string;
  readonly resources: readonly string[];
  readonly environments: readonly string[];
}

/** Why an agent is among those that get the new version; undefined if it is not. Whoever is in a ring is in each larger one. */
export function ringReason(
  {
    version,
    percent,
    resources,
    environments,
  }: Pick<Rollout, 'version' | 'percent' | 'resources' | 'environments'>,
  agent: RingAgent,
): string | undefined {
  const resource = shared(resources, agent.resources);
  if (resource !== undefined) return `it has resource ${resource}`;
  const environment = shared(environments, agent.environments);
  if (environment !== undefined) return `it is in environment ${environment}`;
  return ringPosition(version, agent.guid) < percent ? `it is in the ring of ${percent} %` : undefined;
}

/** From 0 to below 100; stays the same for a version. The version is in it so that not the same agents are always the first. */
export function ringPosition(version: string, guid: string): number {
  const digest = createHash('sha256').update(`${version}\n${guid.toLowerCase()}`).digest();
  return (digest.readUIntBE(0, 6) / 2 ** 48) * 100;
}

/** Names without regard to case, as jobs are matched. */
function shared(wanted: readonly string[], has: readonly string[]): string | undefined {
  const names = new Set(has.map((name) => name.toLowerCase()));
  return wanted.find((name) => names.has(name.toLowerCase()));
}
