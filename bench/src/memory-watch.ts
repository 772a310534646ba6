import { readFileSync } from 'node:fs';
import { systemClock } from '@go-agent/runtime/core';

/** Resident memory of one process over time, in MiB. */
export interface MemoryTrace {
  /** Means of the first and of the last tenth of the samples: what one sample shows is mostly when garbage was collected. */
  readonly first: number;
  readonly last: number;
  readonly max: number;
}

const LOOK_MS = 50;

/** Looks at the memory of processes (Linux only) from now until it is stopped. */
export class MemoryWatch {
  readonly #samples = new Map<string, number[]>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(pids: Readonly<Record<string, number>>) {
    this.#done = this.#watch(Object.entries(pids));
  }

  async stop(): Promise<ReadonlyMap<string, MemoryTrace>> {
    this.#stop.abort();
    await this.#done;
    return new Map([...this.#samples].map(([name, samples]) => [name, trace(samples)]));
  }

  async #watch(pids: readonly (readonly [string, number])[]): Promise<void> {
    do {
      for (const [name, pid] of pids) {
        const mib = residentMib(pid);
        if (mib === undefined) continue;
        const samples = this.#samples.get(name) ?? [];
        samples.push(mib);
        this.#samples.set(name, samples);
      }
    } while (await systemClock.sleep(LOOK_MS, this.#stop.signal));
  }
}

function trace(samples: readonly number[]): MemoryTrace {
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  return {
    first: mean(samples.slice(0, tenth)),
    last: mean(samples.slice(-tenth)),
    max: Math.max(...samples),
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

function residentMib(pid: number): number | undefined {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
