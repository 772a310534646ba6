// What is to be done about the agents and waiting jobs of one cluster, decided from how things are. Pure; diagram: docs/elastic.md.

import { planAgents } from './elastic-plan-agents.ts';
import { planJobs } from './elastic-plan-jobs.ts';
import type { Turn, TurnPlan } from './elastic-turn-model.ts';

const NET_MS = 45_000;

export function planTurn(turn: Turn): TurnPlan {
  const agents = planAgents(turn);
  const retired = new Set(agents.retire.map(({ id }) => id));
  const jobs = planJobs({ ...turn, agents: turn.agents.filter(({ id }) => !retired.has(id)) });
  const nextAt = [...agents.wakes, ...jobs.wakes].filter((at) => at > turn.now);
  return {
    retire: agents.retire,
    stop: agents.stop,
    start: agents.start,
    ask: jobs.ask,
    expire: jobs.expire,
    giveUp: jobs.giveUp,
    nextAt: Math.min(turn.now + NET_MS, ...nextAt),
  };
}
