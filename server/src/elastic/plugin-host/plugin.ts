// One plugin, kept running: started, asked within limits, ended when it harms, started again with growing patience.

import type { Logger } from '@go-agent/runtime';
import {
  AppError,
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  describeError,
  type Service,
} from '@go-agent/runtime/core';
import { CallLane } from './call-lane.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { InstalledPlugin } from './discover-plugins.ts';
import { groupMemory } from './group-memory.ts';
import { PluginProcess } from './plugin-process.ts';

const RESTARTS: BackoffPolicy = { firstMs: 1000, factor: 2, maxMs: 60_000, jitter: 0.2 };
/** One that ran for so long starts anew with short waits. */
const STABLE_MS = 60_000;
const MEMORY_CHECK_MS = 5000;
const MEBIBYTE = 1024 * 1024;
/** Time-outs in a row after which the process is ended: it hangs. */
const HANGS = 5;

export interface PluginDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  serve(method: string, params: unknown): Promise<unknown>;
  /** The first conversation with a new process. What it throws ends the process. */
  initialize(plugin: Plugin): Promise<void>;
  /** It has come up or gone down. */
  changed(): void;
  /** Undefined: all is well. */
  report(problem: string | undefined): void;
}

export interface CallOptions {
  readonly deadlineMs: number;
  readonly lane?: CallLane;
  /** Its deadline says nothing about whether the plugin hangs. */
  readonly isSlow?: boolean;
}

export class Plugin {
  readonly installed: InstalledPlugin;
  readonly #deps: PluginDeps;
  readonly #breaker = new CircuitBreaker();
  readonly #lanes = new Set<CallLane>();
  readonly #listeners: (() => void)[] = [];
  #process: PluginProcess | undefined;
  #ready = false;
  #trouble = 'it is being started';

  constructor(installed: InstalledPlugin, deps: PluginDeps) {
    this.installed = installed;
    this.#deps = deps;
  }

  get id(): string {
    return this.installed.manifest.id;
  }

  get unavailable(): string | undefined {
    if (!this.#ready) return `Plugin ${this.id} is not running: ${this.#trouble}.`;
    const restMs = this.#breaker.restMs(this.#deps.clock.monotonic());
    return restMs === 0
      ? undefined
      : `Plugin ${this.id} does not answer (${this.#breaker.failures} times in a row); it is asked again in ${Math.ceil(restMs / 1000)} s.`;
  }

  lane(atOnce: number, mostWaiting: number): CallLane {
    const lane = new CallLane(atOnce, mostWaiting);
    this.#lanes.add(lane);
    return lane;
  }

  /** Each time that it has come up. */
  whenReady(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** @throws AppError `plugin-unavailable`, `plugin-busy`, `plugin-timeout`, `plugin-ended`, `plugin-error` */
  async call(method: string, params: object, options: CallOptions): Promise<unknown> {
    const ask = () => this.#ask(method, params, options);
    return options.lane === undefined ? ask() : options.lane.run(ask);
  }

  readonly service: Service = {
    name: 'elastic-plugin',
    run: async (signal) => {
      const { clock, logger } = this.#deps;
      let failures = 0;
      while (!signal.aborted) {
        const startedAt = clock.monotonic();
        const why = await this.#runOnce(signal).catch(
          (error: unknown) => `it cannot be started: ${describeError(error)}`,
        );
        if (signal.aborted) break;
        failures = clock.monotonic() - startedAt >= STABLE_MS ? 0 : failures;
        const waitMs = backoffDelay(RESTARTS, failures++);
        this.#trouble = `${why}; it is started again in ${Math.ceil(waitMs / 1000)} s`;
        logger.error({ plugin: this.id, why, waitMs }, 'An elastic plugin is not running');
        this.#deps.report(`${why}. It is started again.`);
        this.#deps.changed();
        await clock.sleep(waitMs, signal);
      }
    },
  };

  async #runOnce(signal: AbortSignal): Promise<string> {
    const { clock, logger, environment } = this.#deps;
    const own = new AbortController();
    const process_ = new PluginProcess({
      plugin: this.installed,
      clock,
      logger,
      environment,
      serve: (method, params) => this.#deps.serve(method, params),
    });
    this.#process = process_;
    this.#breaker.succeeded();
    const stopped = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => stopped.resolve('the server is stopping'), { signal: own.signal });
    const memory = this.#watchMemory(process_, own.signal);
    const initialized = this.#deps.initialize(this).then(
      () => this.#isReady(),
      (error: unknown) => stopped.resolve(`it could not be initialized: ${describeError(error)}`),
    );
    const why = await Promise.race([process_.ended, stopped.promise]);
    this.#ready = false;
    this.#trouble = why;
    const dropped = new AppError('plugin-unavailable', why, { retryable: true });
    for (const lane of this.#lanes) lane.dropAll(dropped);
    own.abort();
    await process_.end();
    await initialized;
    await memory;
    this.#ready = false;
    this.#process = undefined;
    return why;
  }

  #isReady(): void {
    this.#ready = true;
    this.#deps.logger.info({ plugin: this.id, pid: this.#process?.pid }, 'An elastic plugin is ready');
    this.#deps.report(undefined);
    for (const listener of this.#listeners) listener();
    this.#deps.changed();
  }

  async #ask(method: string, params: object, { deadlineMs, isSlow }: CallOptions): Promise<unknown> {
    const begunAt = this.#deps.clock.monotonic();
    const process_ = this.#process;
    if (process_ === undefined || this.#breaker.restMs(begunAt) > 0)
      throw new AppError('plugin-unavailable', this.unavailable ?? 'it is not running', { retryable: true });
    try {
      const answer = await process_.call(method, params, deadlineMs, () => this.#isLate(method, process_));
      this.#breaker.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof AppError) this.#failed(error, process_, { method, begunAt, isSlow });
      throw error;
    }
  }

  /** Whoever answers late is slow, and does not hang. */
  #isLate(method: string, process_: PluginProcess): void {
    if (this.#process !== process_) return;
    this.#deps.logger.info({ plugin: this.id, method }, 'An elastic plugin has answered late');
    this.#breaker.succeeded();
    if (this.#ready) this.#deps.report(undefined);
  }

  #failed(
    { code }: AppError,
    process_: PluginProcess,
    call: { readonly method: string; readonly begunAt: number; readonly isSlow: boolean | undefined },
  ): void {
    const { logger, clock } = this.#deps;
    // A refusal is an answer.
    if (code === 'plugin-error') this.#breaker.succeeded();
    if (code !== 'plugin-timeout') return;
    const { method, begunAt, isSlow = false } = call;
    if (!isSlow) this.#breaker.failed(begunAt, clock.monotonic());
    const inARow = this.#breaker.failures;
    logger.warn({ plugin: this.id, method, inARow }, 'An elastic plugin did not answer in time');
    if (this.#breaker.restMs(clock.monotonic()) > 0) this.#deps.report(this.unavailable);
    if (inARow >= HANGS && this.#process === process_)
      process_.kill(`it did not answer ${inARow} times in a row`);
  }

  async #watchMemory(process_: PluginProcess, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#deps;
    const limit = this.installed.manifest.memoryMiB * MEBIBYTE;
    while (await clock.sleep(MEMORY_CHECK_MS, signal)) {
      const bytes = process_.pid === undefined ? undefined : await groupMemory(process_.pid);
      if (bytes === undefined || bytes <= limit) continue;
      logger.error({ plugin: this.id, bytes, limit }, 'An elastic plugin takes too much memory and is ended');
      process_.kill(
        `it took ${Math.ceil(bytes / MEBIBYTE)} MiB of memory; its limit is ${this.installed.manifest.memoryMiB} MiB`,
      );
    }
  }
}
