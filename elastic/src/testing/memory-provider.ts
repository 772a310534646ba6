// A provider whose agents are entries of a map, with handles for everything that can go wrong.
import { secret, text } from '../sdk/field.ts';
import { Label } from '../sdk/labels.ts';
import { type AgentOrder, type CreateOutcome, defineProvider, type FoundAgent } from '../sdk/provider.ts';

export class MemoryWorld {
  /** Survives the plugin, as containers do. */
  readonly agents = new Map<
    string,
    { readonly labels: Readonly<Record<string, string>>; state: FoundAgent['state'] }
  >();
  readonly orders: AgentOrder<{ readonly size: string }>[] = [];
  readonly connects: string[] = [];
  readonly disposed: string[] = [];
  /** Asked before an agent is made. */
  beforeCreate: (attempt: number, signal: AbortSignal) => Promise<CreateOutcome> = async () => ({
    type: 'created',
  });
  /** Thrown by `list` if set. */
  listError: Error | null = null;
  #changed: (() => void) | null = null;
  /** Settles when the kit watches. */
  readonly watched = Promise.withResolvers<void>();

  /** As if the cloud had ended it. */
  end(agentId: string): void {
    const agent = this.agents.get(agentId);
    if (agent !== undefined) agent.state = 'ended';
    this.#changed?.();
  }

  whenChanged(changed: () => void): void {
    this.#changed = changed;
    this.watched.resolve();
  }
}

export function memoryProvider(world: MemoryWorld) {
  return defineProvider({
    id: 'test.memory',
    name: 'Memory',
    version: '1',
    description: 'Agents in memory.',
    clusterSchema: {
      region: text({ title: 'Region', required: true }),
      token: secret({ title: 'Token' }),
    },
    profileSchema: { size: text({ title: 'Size', default: 'small' }) },
    connect: async ({ properties: { region } }) => {
      world.connects.push(region);
      return { region, [Symbol.dispose]: () => void world.disposed.push(region) };
    },
    create: async (order, _cluster, signal) => {
      world.orders.push(order);
      const outcome = await world.beforeCreate(world.orders.length, signal);
      if (outcome.type === 'created')
        world.agents.set(order.agentId, { labels: order.labels, state: 'running' });
      return outcome;
    },
    list: async ({ labels }) => {
      if (world.listError !== null) throw world.listError;
      return [...world.agents].flatMap(([agentId, agent]): FoundAgent[] =>
        Object.entries(labels).every(([name, value]) => agent.labels[name] === value)
          ? [
              {
                agentId,
                state: agent.state,
                profileId: agent.labels[Label.profile] ?? '',
                detail: 'as it is',
              },
            ]
          : [],
      );
    },
    remove: async (agentId) => void world.agents.delete(agentId),
    watch: async (_cluster, changed, signal) => {
      world.whenChanged(changed);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  });
}
