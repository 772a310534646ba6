import type { Report } from './report.ts';

/** One measurement. It says what it saw and judges nothing. */
export interface Bench {
  readonly describe: string;
  readonly defaultRuns: number;
  run(runs: number, progress: (line: string) => void): Promise<Pick<Report, 'rows' | 'notes'>>;
}
