// Where one version of a cluster's profile points to: the connection, and what is being made, seen and removed there.
import type { ElasticCluster } from '@go-agent/protocol/elastic';
import { describeError, withDeadline } from '@go-agent/runtime/core';
import { AgentStarts } from './agent-starts.ts';
import { ClusterConnection } from './cluster-connection.ts';
import { InstanceWatch } from './instance-watch.ts';
import type { PluginContext } from './plugin-context.ts';
import type { FoundAgent, Provider } from './provider.ts';
import { Removals } from './removals.ts';
import type { Fields } from './schema.ts';

/** The server waits for 30 s. One place that does not answer must not make all others unknown. */
const LIST_MS = 25_000;

/** What a place asks of the cluster that it belongs to, and tells it. */
interface PlaceOwner {
  /** The ids of those that are being made, or were at that moment, in whichever place. */
  making(since: number): readonly string[];
  /** It could not be made. */
  failed(agentId: string, reason: string): void;
  /** It was there, and is not any more. */
  ended(agentId: string, reason: string): void;
}

export class ClusterPlace<CF extends Fields, PF extends Fields, K> {
  readonly starts: AgentStarts<CF, PF, K>;
  readonly instances: InstanceWatch;
  readonly #provider: Provider<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #connection: ClusterConnection<CF, PF, K>;
  readonly #removals: Removals;
  readonly #owner: PlaceOwner;
  #users = 0;
  #usedAt: number;
  #trouble: string | null = null;
  #watching: AbortController | null = null;
  #watched: Promise<void> = Promise.resolve();

  constructor(
    cluster: ElasticCluster,
    provider: Provider<CF, PF, K>,
    context: PluginContext,
    owner: PlaceOwner,
  ) {
    this.#owner = owner;
    this.#provider = provider;
    this.#context = context;
    this.#connection = new ClusterConnection(cluster, provider, context);
    this.#removals = new Removals(context);
    this.#usedAt = context.clock.monotonic();
    this.instances = new InstanceWatch((agentId, reason) => owner.ended(agentId, reason));
    this.starts = new AgentStarts(provider, this.#connection, context, {
      made: (agentId) => this.instances.made(agentId, context.clock.monotonic()),
      failed: (agentId, reason) => owner.failed(agentId, reason),
    });
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#connection.labels(this.#context.serverId);
  }

  /** While `work` goes on, it is not let go. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
      this.#usedAt = this.#context.clock.monotonic();
    }
  }

  /** Nothing goes on, and nobody has asked for anything for so many milliseconds. */
  isIdleFor(ms: number): boolean {
    const isBusy = this.#users > 0 || this.starts.isBusy || this.#removals.isBusy;
    return !isBusy && this.#context.clock.monotonic() - this.#usedAt >= ms;
  }

  /** What there is. @throws what the provider throws if it cannot be known */
  async list(): Promise<readonly FoundAgent[]> {
    const { clock, stop } = this.#context;
    let since = clock.monotonic();
    const look = async (signal: AbortSignal) => {
      const cluster = await this.#connection.open();
      since = clock.monotonic();
      return this.#provider.list(cluster, signal);
    };
    const found = await withDeadline(look, LIST_MS, clock, stop);
    const making = this.#owner.making(since);
    // What is being made, or was while the list was, has neither ended nor gone.
    const agents: readonly FoundAgent[] = [
      ...found.map((agent) => (making.includes(agent.agentId) ? { ...agent, state: begun(agent) } : agent)),
      ...this.starts
        .since(since)
        .filter((agentId) => found.every((each) => each.agentId !== agentId))
        .map((agentId) => ({ agentId, state: 'starting' as const })),
    ];
    this.instances.seen(agents, since);
    return agents;
  }

  /** Null, with a word in the log when that is new, if it cannot be known what there is. */
  async tryList(name: string): Promise<readonly FoundAgent[] | null> {
    const { log } = this.#context;
    try {
      const agents = await this.list();
      if (this.#trouble !== null) log('info', `${name} can be looked at again`);
      this.#trouble = null;
      return agents;
    } catch (error) {
      const trouble = describeError(error);
      if (trouble !== this.#trouble) log('warn', `${name} cannot be looked at`, error);
      this.#trouble = trouble;
      return null;
    }
  }

  /** @param before makes sure that nothing comes up any more */
  async remove(agentId: string, before: () => Promise<void>): Promise<void> {
    await this.#removals.remove(agentId, async (signal) => {
      await before();
      await this.#provider.remove(agentId, await this.#connection.open(), signal);
    });
  }

  /** Looks whenever the provider says that something has changed, from now on. */
  beginWatching(): void {
    const { watch } = this.#provider;
    if (watch === undefined || this.#watching !== null) return;
    this.#watching = new AbortController();
    const signal = AbortSignal.any([this.#watching.signal, this.#context.stop]);
    const keep = () =>
      this.#connection.keep(signal, async (cluster, until) => {
        const look = () => this.list().then(() => undefined);
        await watch(cluster, this.instances.looks(look, this.#context, until), until);
      });
    // One at a time, should it be begun again while the last one still ends.
    this.#watched = this.#watched.then(keep);
  }

  endWatching(): void {
    this.#watching?.abort(new Error('It is not watched any more'));
    this.#watching = null;
  }

  /** Lets go of it. The agents go on. */
  async close(): Promise<void> {
    this.endWatching();
    await this.#watched;
    await this.#connection.close();
  }

  /** The plugin ends. */
  async end(): Promise<void> {
    this.endWatching();
    await this.#watched;
    await this.#connection.end();
  }
}

function begun({ state }: FoundAgent): FoundAgent['state'] {
  return state === 'ended' ? 'starting' : state;
}
