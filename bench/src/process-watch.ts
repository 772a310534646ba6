import { readFileSync } from 'node:fs';
import { systemClock } from '@go-agent/runtime/core';

/** What one process took over time. Memory is resident, in MiB. */
export interface ProcessTrace {
  /** Seconds of processor time. */
  readonly cpu: number;
  /** The first sample. */
  readonly before: number;
  /** Mean of the last tenth of the samples: what one sample shows is mostly when garbage was collected. */
  readonly last: number;
  readonly max: number;
}

interface Sample {
  readonly mib: number;
  readonly cpu: number;
}

const LOOK_MS = 50;
/** A second, in the units of /proc/<pid>/stat. */
const TICKS = 100;

/** Looks at processes (Linux only) from now until it is stopped. */
export class ProcessWatch {
  readonly #samples = new Map<string, Sample[]>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(pids: Readonly<Record<string, number>>) {
    this.#done = this.#watch(Object.entries(pids));
  }

  async stop(): Promise<ReadonlyMap<string, ProcessTrace>> {
    this.#stop.abort();
    await this.#done;
    return new Map([...this.#samples].map(([name, samples]) => [name, trace(samples)]));
  }

  async #watch(pids: readonly (readonly [string, number])[]): Promise<void> {
    do {
      for (const [name, pid] of pids) {
        const sample = look(pid);
        if (sample === undefined) continue;
        const samples = this.#samples.get(name) ?? [];
        samples.push(sample);
        this.#samples.set(name, samples);
      }
    } while (await systemClock.sleep(LOOK_MS, this.#stop.signal));
  }
}

function trace(samples: readonly Sample[]): ProcessTrace {
  const memory = samples.map(({ mib }) => mib);
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  return {
    cpu: (samples.at(-1)?.cpu ?? Number.NaN) - (samples[0]?.cpu ?? Number.NaN),
    before: memory[0] ?? Number.NaN,
    last: mean(memory.slice(-tenth)),
    max: Math.max(...memory),
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

/** Undefined once the process has ended. */
function look(pid: number): Sample | undefined {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (kib === undefined) return undefined;
    // After the command's name, which may have any characters, and the state.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { mib: Number(kib) / 1024, cpu: (Number(fields[11]) + Number(fields[12])) / TICKS };
  } catch {
    return undefined;
  }
}
