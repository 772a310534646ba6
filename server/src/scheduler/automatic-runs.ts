// Runs that nobody asked for: something new in the materials (reference: server-config-api 2.3).

import { nameKey } from '../domain/names.ts';
import { schedulePipeline } from './schedule-pipeline.ts';
import type { SchedulerContext } from './scheduler-context.ts';

export class AutomaticRuns {
  readonly #context: SchedulerContext;
  /** Asked again while being considered: one more look is enough. */
  readonly #considering = new Map<string, { again: boolean }>();
  /** Pipelines that somebody is triggering: what is new is part of that run. */
  readonly #triggered: ReadonlySet<string>;

  constructor(context: SchedulerContext, triggered: ReadonlySet<string>) {
    this.#context = context;
    this.#triggered = triggered;
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
          await this.#considerOnce(name);
        }
      } finally {
        this.#considering.delete(key);
      }
    });
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
