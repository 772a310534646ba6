import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import type { TestSystem } from '../../harness/test-system.ts';

const TOLD_EVERY = 20;

/** Follows the server's events, and at each of them counts the homes of agents that there are. */
export class LoadWatch {
  mostHomes = 0;
  /** By the monotonic clock. */
  stageOverAt = Number.NaN;
  readonly #system: TestSystem;
  readonly #progress: (line: string) => void;
  readonly #there = new Set<number>();
  #completed = 0;

  constructor(system: TestSystem, progress: (line: string) => void) {
    this.#system = system;
    this.#progress = progress;
  }

  /** Resolves when the stage is over and all agents are gone, or after `patienceMs`. */
  async untilOver(patienceMs: number): Promise<void> {
    const over = new AbortController();
    const late = systemClock.sleep(patienceMs, over.signal);
    await Promise.race([this.#follow(), late]);
    over.abort();
    if (await late) this.#progress(`not over after ${Math.round(patienceMs / 1000)} s`);
  }

  async #follow(): Promise<void> {
    const { events } = this.#system;
    for (let at = 0; Number.isNaN(this.stageOverAt) || this.#there.size > 0; at++) {
      const event = await events.next(() => true, at);
      if (event.type === 'elastic-agent-changed') {
        const { id, phase } = event.agent;
        if (phase === 'gone') this.#there.delete(id);
        else this.#there.add(id);
      } else if (event.type === 'stage-changed') {
        const { state } = event.stage;
        if (state === 'passed' || state === 'failed' || state === 'cancelled')
          this.stageOverAt = systemClock.monotonic();
      } else if (event.type === 'job-changed' && event.job.state === 'completed') {
        if (++this.#completed % TOLD_EVERY === 0)
          this.#progress(`${this.#completed} jobs are over, ${this.#there.size} agents`);
      } else continue;
      this.mostHomes = Math.max(this.mostHomes, countHomes(this.#system));
    }
  }
}

/** Homes that the provider has made and not yet removed. */
export function countHomes({ server }: TestSystem): number {
  const folder = join(server.data, 'plugins', 'go-agent.process');
  const clusters = readdirSync(folder).filter((name) => name.startsWith('agents-'));
  return clusters.reduce((sum, name) => sum + readdirSync(join(folder, name)).length, 0);
}
