import { constants } from 'node:os';

/** How a process ended: exactly one of the two is not null. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The one number that a shell shows for an exit: the exit status, or 128 + n for an end by signal n. */
export function exitNumber({ code, signal }: ExitStatus): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
