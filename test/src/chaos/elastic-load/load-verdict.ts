import type { ServerEvent } from '@go-agent/server';
import type { LoadPlan } from './load-plan.ts';

/** What came of it, as others than the broker have seen it. */
export interface LoadSeen {
  /** All that the server has told, in its order. */
  readonly events: readonly ServerEvent[];
  /** One name for each start of a task. */
  readonly starts: readonly string[];
  /** The most homes of agents that there were at a time. */
  readonly mostHomes: number;
  /** Homes in the end. */
  readonly homesLeft: number;
}

export interface LoadVerdict {
  readonly jobFaults: readonly string[];
  readonly agentFaults: readonly string[];
  readonly agents: number;
  readonly mostAgents: number;
  readonly mostJobsOfAgent: number;
}

export function judgeLoad(plan: LoadPlan, seen: LoadSeen): LoadVerdict {
  const fleet = followFleet(seen.events);
  const jobsOf = jobsByAgent(seen.events);
  const most = Math.max(0, ...[...jobsOf.values()].map((jobs) => jobs.size));
  return {
    jobFaults: jobFaults(plan, seen),
    agentFaults: [
      ...above('agents at a time', fleet.most, plan.maxAgents),
      ...above('homes of agents at a time', seen.mostHomes, plan.maxAgents),
      ...above('jobs on one agent', most, plan.jobsPerAgent),
      // Only those that are there when the last job begins may have had fewer jobs than they could.
      ...above(
        'agents made',
        fleet.made,
        Math.ceil(plan.jobs.length / plan.jobsPerAgent) + plan.maxAgents - 1,
      ),
      ...above('agents left', fleet.left, 0),
      ...above('homes left', seen.homesLeft, 0),
    ],
    agents: fleet.made,
    mostAgents: fleet.most,
    mostJobsOfAgent: most,
  };
}

function above(what: string, count: number, limit: number): string[] {
  return count > limit ? [`${count} ${what}; ${limit} are allowed`] : [];
}

function jobFaults({ jobs }: LoadPlan, { events, starts }: LoadSeen): string[] {
  const started = Map.groupBy(starts, (name) => name);
  const results = new Map<string, string[]>();
  for (const event of events)
    if (event.type === 'job-changed' && event.job.state === 'completed')
      results.set(event.job.job, [...(results.get(event.job.job) ?? []), event.job.result]);
  return jobs.flatMap(({ name, result }) => {
    const times = started.get(name)?.length ?? 0;
    const ends = results.get(name)?.join(', ') ?? 'nothing';
    return [
      ...(times === 1 ? [] : [`${name} was started ${times} times`]),
      ...(ends === result ? [] : [`${name} has ${ends} instead of ${result}`]),
    ];
  });
}

/** An agent counts from its key, so while it is being started and while it is on its way out. */
function followFleet(events: readonly ServerEvent[]) {
  const there = new Set<number>();
  const made = new Set<number>();
  let most = 0;
  for (const event of events) {
    if (event.type !== 'elastic-agent-changed') continue;
    const { id, phase } = event.agent;
    if (phase === 'gone') there.delete(id);
    else {
      there.add(id);
      made.add(id);
    }
    most = Math.max(most, there.size);
  }
  return { most, made: made.size, left: there.size };
}

function jobsByAgent(events: readonly ServerEvent[]): Map<string, Set<number>> {
  const jobs = new Map<string, Set<number>>();
  for (const event of events) {
    if (event.type !== 'job-changed' || event.job.agentUuid === undefined) continue;
    const own = jobs.get(event.job.agentUuid) ?? new Set();
    jobs.set(event.job.agentUuid, own.add(event.job.jobId));
  }
  return jobs;
}
