import type { Clock } from '@go-agent/runtime';

/** What a command gets from the process; in tests, from the test. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths are of. */
  readonly cwd: string;
  readonly pid: number;
  readonly clock: Clock;
  /** Aborted by the first SIGINT or SIGTERM, and when nobody reads what is printed. */
  readonly stop: AbortSignal;
  /** Everything that is on the standard input. */
  readonly readInput: () => Promise<string>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** What a command came to; the process ends with it. */
export type CommandResult = 0 | 1 | 2 | 3;
