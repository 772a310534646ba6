import type { CreateRegistrationKeyResult } from '@go-agent/protocol/elastic';
import { AppError, backoffDelay, describeError, Secret } from '@go-agent/runtime/core';
import type { ClusterConnection } from './cluster-connection.ts';
import type { PluginContext } from './plugin-context.ts';
import type { AgentOrder, CreateOutcome, Provider } from './provider.ts';
import type { Fields, Values } from './schema.ts';
import { Turns } from './turns.ts';

type Key = Extract<CreateRegistrationKeyResult, { readonly type: 'created' }>;

interface Start {
  readonly cancel: AbortController;
  readonly done: Promise<void>;
  /** On the clock that never jumps; absent while it goes on. */
  endedAt?: number;
}

const AGAIN = { firstMs: 1000, factor: 2, maxMs: 30_000, jitter: 0.2 } as const;
/** In one place. More would make a host slower, not faster. */
const AT_ONCE = 10;
/** How long what was made stays "on the way" for lists that began before. */
const REMEMBER_MS = 120_000;

/** Agents that are being made, in the background; nobody waits for them. */
export class AgentStarts<CF extends Fields, PF extends Fields, K> {
  readonly #provider: Provider<CF, PF, K>;
  readonly #connection: ClusterConnection<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #failed: (agentId: string, reason: string) => void;
  readonly #starts = new Map<string, Start>();
  readonly #made: (agentId: string) => void;
  readonly #turns = new Turns(AT_ONCE);

  constructor(
    provider: Provider<CF, PF, K>,
    connection: ClusterConnection<CF, PF, K>,
    context: PluginContext,
    told: {
      readonly made: (agentId: string) => void;
      readonly failed: (agentId: string, reason: string) => void;
    },
  ) {
    this.#provider = provider;
    this.#connection = connection;
    this.#context = context;
    this.#made = told.made;
    this.#failed = told.failed;
  }

  begin(agent: Omit<AgentOrder<Values<PF>>, 'registration'>, key: Key): void {
    const cancel = new AbortController();
    const order: AgentOrder<Values<PF>> = {
      ...agent,
      registration: {
        key: new Secret(key.key),
        properties: key.autoRegisterProperties,
        variables: key.environmentVariables,
      },
    };
    const signal = AbortSignal.any([cancel.signal, this.#context.stop]);
    const done = this.#make(order, key.expiresAt, signal).finally(() => {
      start.endedAt = this.#context.clock.monotonic();
    });
    const start: Start = { cancel, done };
    this.#starts.set(agent.agentId, start);
  }

  /** Something is being made. */
  get isBusy(): boolean {
    return [...this.#starts.values()].some(({ endedAt }) => endedAt === undefined);
  }

  /** Resolves once nothing more will be made for this id. */
  async cancel(agentId: string): Promise<void> {
    const start = this.#starts.get(agentId);
    start?.cancel.abort(new Error('It is not wanted any more'));
    await start?.done;
    this.#starts.delete(agentId);
  }

  /** The ids of those that are being made, or were at that moment of the clock that never jumps. */
  since(moment: number): readonly string[] {
    const old = this.#context.clock.monotonic() - REMEMBER_MS;
    return [...this.#starts].flatMap(([agentId, { endedAt }]) => {
      if (endedAt !== undefined && endedAt < old) this.#starts.delete(agentId);
      return endedAt === undefined || endedAt >= moment ? [agentId] : [];
    });
  }

  /** Never rejects. */
  async #make(order: AgentOrder<Values<PF>>, expiresAt: number, signal: AbortSignal): Promise<void> {
    const { agentId } = order;
    try {
      using _turn = await this.#turns.take(signal);
      const outcome = await this.#create(order, expiresAt, signal);
      if (outcome.type === 'refused') return this.#giveUp(agentId, outcome.reason);
      this.#context.log('info', `agent ${agentId} is made`);
      this.#made(agentId);
    } catch (error) {
      if (!signal.aborted) this.#giveUp(agentId, describeError(error));
    }
  }

  /** Nobody knows how a call ended that failed without an answer: it is made again, which makes no second agent. */
  async #create(
    order: AgentOrder<Values<PF>>,
    expiresAt: number,
    signal: AbortSignal,
  ): Promise<CreateOutcome> {
    const { clock, random, log } = this.#context;
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await this.#provider.create(order, await this.#connection.open(), signal);
      } catch (error) {
        signal.throwIfAborted();
        const wait = backoffDelay(AGAIN, attempt, random);
        const retryable = error instanceof AppError && error.retryable;
        if (!retryable || clock.now() + wait >= expiresAt) throw error;
        log(
          'warn',
          `agent ${order.agentId} could not be made yet; again in ${Math.ceil(wait / 1000)} s`,
          error,
        );
        await clock.sleep(wait, signal);
      }
    }
  }

  #giveUp(agentId: string, reason: string): void {
    this.#starts.delete(agentId);
    this.#failed(agentId, reason);
  }
}
