import type { EventBus } from '../core.ts';
import type { Broker } from '../elastic/broker/broker.ts';
import type { Assigner } from '../scheduler/assigner.ts';
import type { JobBoard } from '../scheduler/job-board.ts';
import type { Changes } from '../scheduler/writer.ts';
import type { AgentRegistry } from './agents/agent-registry.ts';

/** After a commit: memory first, then those who wait for work, then those who only watch. */
export function tellChanges(
  { jobs, events: happened, afterwards }: Changes,
  parts: {
    readonly board: JobBoard;
    readonly events: EventBus;
    readonly registry: AgentRegistry;
    readonly assigner: Assigner;
    /** Undefined while the server starts. */
    broker(): Broker | undefined;
  },
): void {
  const { board, events, registry, assigner } = parts;
  for (const job of jobs) board.apply(job);
  for (const job of jobs) if (job.view.state === 'scheduled') assigner.offer(job);
  for (const job of jobs) parts.broker()?.jobChanged(job);
  for (const event of happened) events.publish(event);
  for (const uuid of new Set(jobs.map((job) => job.view.agentUuid)))
    if (uuid !== undefined) registry.announce(uuid);
  for (const act of afterwards) act();
}
