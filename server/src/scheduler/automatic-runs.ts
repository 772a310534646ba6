// Runs that nobody asked for: something new in the materials (reference: server-config-api 2.3).

import { type BackoffPolicy, backoffDelay, describeError } from '@go-agent/runtime/core';
import { nameKey } from '../domain/names.ts';
import { schedulePipeline } from './schedule-pipeline.ts';
import type { SchedulerContext } from './scheduler-context.ts';

const RETRY: BackoffPolicy = { firstMs: 1000, factor: 2, maxMs: 30_000, jitter: 0.2 };

export class AutomaticRuns {
  readonly #context: SchedulerContext;
  /** Asked again while being considered: one more look is enough. */
  readonly #considering = new Map<string, { again: boolean }>();
  /** Pipelines that somebody is triggering: what is new is part of that run. */
  readonly #triggered: ReadonlySet<string>;
  readonly #stopping: AbortSignal;

  constructor(context: SchedulerContext, triggered: ReadonlySet<string>, stopping: AbortSignal) {
    this.#context = context;
    this.#triggered = triggered;
    this.#stopping = stopping;
  }

  consider(name: string): void {
    const key = nameKey(name);
    const running = this.#considering.get(key);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const turn = { again: true };
    this.#considering.set(key, turn);
    this.#context.background.run(`Considering an automatic run of ${name}`, async () => {
      try {
        while (turn.again) {
          turn.again = false;
          await this.#considerUntilDone(name);
        }
      } finally {
        this.#considering.delete(key);
      }
    });
  }

  /** What is new is stored already, so no poll finds it again: who gives up here forgets it until the next restart. */
  async #considerUntilDone(name: string): Promise<void> {
    const { clock, health, logger } = this.#context;
    const scope = `pipeline/${nameKey(name)}/schedule`;
    for (let failures = 0; ; failures += 1) {
      try {
        await this.#considerOnce(name);
        health.clear(scope);
        return;
      } catch (error) {
        const message = `Could not schedule pipeline '${name}'`;
        logger.error({ err: error, failures: failures + 1 }, `${message}; it is tried again`);
        const remedy = 'It is tried again. See that there is room on the disk of the data folder.';
        health.report({ scope, level: 'error', message, detail: `${describeError(error)}. ${remedy}` });
        if (!(await clock.sleep(backoffDelay(RETRY, failures), this.#stopping))) return;
      }
    }
  }

  async #considerOnce(name: string): Promise<void> {
    const { writer, clock } = this.#context;
    await writer.run(async (repositories, changes) => {
      const config = this.#context.config();
      const pipeline = config.pipeline(name);
      if (pipeline === undefined || this.#triggered.has(nameKey(name))) return;
      if (pipeline.stages[0]?.approval === 'manual') return;
      const wish = { type: 'automatic' } as const;
      await schedulePipeline(repositories, changes, {
        config,
        pipeline,
        wish,
        overrides: [],
        at: clock.now(),
      });
    });
  }
}
