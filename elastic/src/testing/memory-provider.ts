// A provider whose agents are entries of a map, with handles for everything that can go wrong.
import { secret, text } from '../sdk/field.ts';
import { Label } from '../sdk/labels.ts';
import { type AgentOrder, type CreateOutcome, defineProvider, type FoundAgent } from '../sdk/provider.ts';

interface MemoryAgent {
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: it is seen from everywhere. */
  readonly region?: string;
  state: FoundAgent['state'];
}

export class MemoryWorld {
  /** Survives the plugin, as containers do. */
  readonly agents = new Map<string, MemoryAgent>();
  readonly orders: AgentOrder<{ readonly size: string }>[] = [];
  readonly connects: string[] = [];
  readonly disposed: string[] = [];
  /** Asked before an agent is made. */
  beforeCreate: (attempt: number, signal: AbortSignal) => Promise<CreateOutcome> = async () => ({
    type: 'created',
  });
  /** Thrown by `list` if set. */
  listError: Error | null = null;
  /** In which nothing can be done. */
  readonly unreachable = new Set<string>();
  #changed: (() => void) | null = null;
  /** Settles when the kit watches. */
  readonly watched = Promise.withResolvers<void>();

  /** As if the cloud had ended it. */
  end(agentId: string): void {
    const agent = this.agents.get(agentId);
    if (agent !== undefined) agent.state = 'ended';
    this.#changed?.();
  }

  /** @throws Error if it is out of reach */
  enter(region: string): void {
    if (this.unreachable.has(region)) throw new Error(`${region} is out of reach`);
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
    create: async (order, { properties: { region } }, signal) => {
      world.orders.push(order);
      const outcome = await world.beforeCreate(world.orders.length, signal);
      if (outcome.type === 'created')
        world.agents.set(order.agentId, { labels: order.labels, region, state: 'running' });
      return outcome;
    },
    list: async ({ labels, properties: { region } }) => {
      if (world.listError !== null) throw world.listError;
      world.enter(region);
      return [...world.agents].flatMap(([agentId, agent]): FoundAgent[] =>
        Object.entries(labels).every(([name, value]) => agent.labels[name] === value) &&
        (agent.region ?? region) === region
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
    remove: async (agentId, { properties: { region } }) => {
      world.enter(region);
      if ((world.agents.get(agentId)?.region ?? region) === region) world.agents.delete(agentId);
    },
    watch: async (_cluster, changed, signal) => {
      world.whenChanged(changed);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  });
}
