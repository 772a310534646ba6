import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { AgentRolloutParts, KnownAgent } from './agent-rollout.ts';

/** What the roll-out needs of the core: registered agents, with the environments that configuration puts them in. */
export function rolloutParts({
  clock,
  logger,
  registry,
  store,
  writer,
}: SchedulerContext): AgentRolloutParts {
  const get = (uuid: string): KnownAgent | undefined => {
    const agent = registry.get(uuid);
    if (agent === undefined || agent.pending) return undefined;
    const { resources, environments } = registry.offer(agent);
    return { uuid, hostName: agent.record.hostName, resources, environments };
  };
  return {
    clock,
    logger,
    agents: {
      get,
      all: () => registry.all().flatMap(({ record }) => get(record.uuid) ?? []),
    },
    read: store.read,
    write: (work) => writer.run(work),
  };
}
