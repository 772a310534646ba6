// Which agents of a cluster go, and for which profiles some are started beforehand.

import { fits } from './elastic-fit.ts';
import type { RetireReason, Turn, TurnAgent, TurnPlan, TurnProfile } from './elastic-turn-model.ts';

interface AgentsPlan extends Pick<TurnPlan, 'retire' | 'stop' | 'start'> {
  readonly wakes: readonly number[];
}

export function planAgents(turn: Turn): AgentsPlan {
  const wakes: number[] = [];
  const retire = [
    ...goneProfiles(turn),
    ...turn.profiles.flatMap((profile) => planProfile(turn, profile, wakes)),
  ];
  const stop = turn.agents.flatMap(({ id, phase, stopAt }) => {
    if (phase !== 'retiring' || stopAt === undefined) return [];
    if (stopAt <= turn.now) return [id];
    wakes.push(stopAt);
    return [];
  });
  return { retire, stop, start: startBeforehand(turn, new Set(retire.map(({ id }) => id)), wakes), wakes };
}

type Retire = TurnPlan['retire'][number];

function goneProfiles({ profiles, agents }: Turn): Retire[] {
  const known = new Set(profiles.map(({ id }) => id));
  return agents
    .filter(
      ({ profileId, phase, busy, stuck, lost }) =>
        !known.has(profileId) && phase !== 'retiring' && (!busy || stuck || lost),
    )
    .map(({ id }) => ({ id, reason: 'not-needed' }));
}

function planProfile(turn: Turn, profile: TurnProfile, wakes: number[]): Retire[] {
  const own = turn.agents.filter(({ profileId }) => profileId === profile.id);
  const leaving: Retire[] = [];
  const staying: TurnAgent[] = [];
  for (const agent of own) {
    const reason = mustGo(turn.now, profile, agent);
    if (reason !== undefined) leaving.push({ id: agent.id, reason });
    else if (agent.phase !== 'retiring') staying.push(agent);
    if (agent.phase === 'starting') wakes.push(agent.startBy);
  }
  return [...leaving, ...surplus(turn, profile, staying), ...idleTooLong(turn, profile, staying, wakes)];
}

function mustGo(now: number, { policy }: TurnProfile, agent: TurnAgent): RetireReason | undefined {
  switch (agent.phase) {
    case 'starting':
      return now >= agent.startBy ? 'never-registered' : undefined;
    case 'registered':
      if (agent.lost) return 'lost';
      if (agent.stuck) return 'stuck';
      if (agent.busy) return undefined;
      if (agent.disabled) return 'disabled';
      return agent.jobsGiven >= policy.jobsPerAgent ? 'jobs-done' : undefined;
    case 'retiring':
      return undefined;
  }
  return agent.phase satisfies never;
}

/** Those started for jobs that are over, unless another job that waits can use them. */
function surplus(turn: Turn, { id, policy }: TurnProfile, staying: readonly TurnAgent[]): Retire[] {
  const starting = staying.filter(({ phase }) => phase === 'starting');
  const orphans = starting.filter(({ startedFor }) => startedFor?.waits === false);
  const waiting = turn.jobs.filter(({ profileId }) => profileId === id);
  const spared = new Set(orphans.slice(0, policy.minIdle));
  return orphans
    .filter((orphan) => {
      const users = waiting.filter((job) => fits(job, orphan)).length;
      const isRival = (agent: TurnAgent) => agent.environment === orphan.environment;
      const rivals = starting.filter(isRival).length;
      return !spared.has(orphan) && rivals - orphans.filter(isRival).indexOf(orphan) > users;
    })
    .map((orphan) => ({ id: orphan.id, reason: 'not-needed' as const }));
}

/** Above `min_idle`, the one that has worked most goes first; one that a waiting job could use stays. */
function idleTooLong(
  turn: Turn,
  profile: TurnProfile,
  staying: readonly TurnAgent[],
  wakes: number[],
): Retire[] {
  const { policy, id } = profile;
  const idle = staying.filter(
    (agent) => agent.phase === 'registered' && !agent.busy && mustGo(turn.now, profile, agent) === undefined,
  );
  const waiting = turn.jobs.filter((job) => job.profileId === id && !job.promised);
  const due = idle.filter((agent) => {
    const end = (agent.idleSince ?? agent.createdAt) + policy.idleTimeoutMs;
    if (end > turn.now) wakes.push(end);
    return end <= turn.now && !waiting.some((job) => fits(job, agent));
  });
  // Those that are kept warm must not keep out one that a job needs.
  const { maxAgents = Number.POSITIVE_INFINITY } = policy;
  const isFull = countRoom(turn, id) >= maxAgents;
  const isStarved = isFull && waiting.some((job) => !staying.some((agent) => fits(job, agent)));
  const excess = isStarved ? 1 : Math.max(0, idle.length - policy.minIdle);
  return due
    .toSorted((a, b) => b.jobsGiven - a.jobsGiven || a.id - b.id)
    .slice(0, excess)
    .map((agent) => ({ id: agent.id, reason: 'idle-timeout' as const }));
}

function startBeforehand(
  turn: Turn,
  retired: ReadonlySet<number>,
  wakes: number[],
): TurnPlan['start'][number][] {
  return turn.profiles.flatMap(({ id, policy, restUntil, beingStarted }) => {
    if (policy.minIdle === 0 || beingStarted) return [];
    const own = turn.agents.filter((agent) => agent.profileId === id);
    const usable = own.filter((agent) => !retired.has(agent.id) && isUsable(agent));
    const waiting = turn.jobs.filter((job) => job.profileId === id && !job.promised).length;
    const missing = policy.minIdle - Math.max(0, usable.length - waiting);
    const count = Math.min(missing, (policy.maxAgents ?? Number.POSITIVE_INFINITY) - countRoom(turn, id));
    if (count <= 0) return [];
    if (restUntil <= turn.now) return [{ profileId: id, count }];
    wakes.push(restUntil);
    return [];
  });
}

function countRoom({ agents }: Turn, id: string): number {
  return agents.filter(({ profileId, takesRoom }) => profileId === id && takesRoom).length;
}

function isUsable({ phase, busy, disabled, lost }: TurnAgent): boolean {
  return phase === 'starting' || (phase === 'registered' && !busy && !disabled && !lost);
}
