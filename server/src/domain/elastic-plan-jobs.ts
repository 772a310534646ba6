// Which waiting jobs the plugin is asked about, and which have waited too long or were taken back too often.

import { fits } from './elastic-fit.ts';
import type { Turn, TurnAgent, TurnJob, TurnPlan } from './elastic-turn-model.ts';
import { LONGEST_WAIT_MS } from './elastic-wait.ts';

/** In one request. */
const MOST_ASKED = 100;
/** An agent that does not come for what it was promised loses it, which nothing else tells. */
const PROMISE_CHECK_MS = 1000;

interface JobsPlan extends Pick<TurnPlan, 'ask' | 'expire' | 'giveUp'> {
  readonly wakes: readonly number[];
}

export function planJobs(turn: Turn): JobsPlan {
  const wakes: number[] = [];
  const expire: number[] = [];
  const giveUp: number[] = [];
  const asked: number[] = [];
  const room = new Map(turn.profiles.map((profile) => [profile.id, roomFor(turn, profile.id)]));
  const policies = new Map(turn.profiles.map(({ id, policy }) => [id, policy]));
  const available = turn.agents.filter((agent) => agent.available);
  for (const job of turn.jobs) {
    if (job.promised) {
      wakes.push(Math.max(job.answer?.askAgainAt ?? 0, turn.now + PROMISE_CHECK_MS));
      continue;
    }
    const { queueTimeoutMs: timeout, maxAttempts } = policies.get(job.profileId) ?? {};
    if (maxAttempts !== undefined && job.attempt > maxAttempts) {
      giveUp.push(job.jobId);
      continue;
    }
    if (timeout !== undefined && job.waitingSince + timeout <= turn.now) {
      expire.push(job.jobId);
      continue;
    }
    if (timeout !== undefined) wakes.push(job.waitingSince + timeout);
    const left = room.get(job.profileId);
    // Without its profile there is nobody to ask.
    if (left === undefined) continue;
    if (isDue(turn, job, available, left)) asked.push(job.jobId);
    else if (job.answer !== undefined) wakes.push(job.answer.askAgainAt);
  }
  return { ask: turn.asking ? [] : asked.slice(0, MOST_ASKED), expire, giveUp, wakes };
}

/** How many more jobs could be served now: each one that is asked about may take an agent or the place of a new one. */
interface Room {
  places: number;
}

function roomFor({ profiles, agents }: Turn, profileId: string): Room {
  const most = profiles.find(({ id }) => id === profileId)?.policy.maxAgents;
  const own = agents.filter((agent) => agent.profileId === profileId && agent.takesRoom).length;
  return { places: most === undefined ? Number.POSITIVE_INFINITY : Math.max(0, most - own) };
}

function isDue(turn: Turn, job: TurnJob, available: TurnAgent[], room: Room): boolean {
  const { answer } = job;
  // No answer lasts longer: the clock has been set back.
  if (answer === undefined || answer.askAgainAt <= turn.now || answer.askAgainAt > turn.now + LONGEST_WAIT_MS)
    return true;
  if (!turn.changed || answer.rests) return false;
  const index = available.findIndex((agent) => fits(job, agent));
  if (index >= 0) {
    available.splice(index, 1);
    return true;
  }
  if (answer.holds || room.places === 0) return false;
  room.places--;
  return true;
}
