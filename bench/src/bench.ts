import type { Report } from './report.ts';

/** One measurement. It says what it saw and judges nothing. */
export interface Bench {
  readonly describe: string;
  readonly defaultRuns: number;
  /** @param scale of the amounts, for benches that have any; 1 is the real size, less is a short version */
  run(
    runs: number,
    progress: (line: string) => void,
    scale?: number,
  ): Promise<Pick<Report, 'rows' | 'notes'>>;
}
