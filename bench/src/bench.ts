import type { Report } from './report.ts';

/** One measurement. It says what it saw and judges nothing. */
export interface Bench {
  readonly describe: string;
  readonly defaultRuns: number;
  /**
   * @param scale of the amounts, for benches that have any; 1 is the real size, less is a short version
   * @param pollingRuns of the path without held requests, for benches that have one; absent: as the bench thinks fit
   */
  run(
    runs: number,
    progress: (line: string) => void,
    scale?: number,
    pollingRuns?: number,
  ): Promise<Pick<Report, 'rows' | 'notes'>>;
}
