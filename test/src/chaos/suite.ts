import type { SeededRandom } from './seeded-random.ts';

/** One kind of thing that was tried, and how it went. */
export interface ChaosRow {
  readonly what: string;
  readonly tried: number;
  readonly broke: number;
  /** Further figures, in the order in which they are shown. */
  readonly figures?: Readonly<Record<string, number | string>>;
}

export interface ChaosRun {
  readonly runs: number;
  readonly seed: number;
  readonly random: SeededRandom;
  /** How much each job prints, for a suite about that. Default: the suite's own. */
  readonly megabytes?: number;
  /** Other things go on on this machine: what is promised within some seconds has to happen, and is not timed. */
  readonly untimed?: boolean;
  /** A line for the terminal while it goes on. */
  progress(line: string): void;
}

export interface ChaosSuite {
  readonly describe: string;
  /** Of a whole run; the tests run a shorter one. */
  readonly defaultRuns: number;
  run(chaos: ChaosRun): Promise<readonly ChaosRow[]>;
}
