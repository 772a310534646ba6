import { isDead, readProcessStat } from '../process-identity.ts';
import { sendSignal } from '../processes/send-signal.ts';
import { processTexts } from './process-texts.ts';
import { waitFor } from './wait-for.ts';

export interface Leftover {
  readonly pid: number;
  readonly parentPid: number;
  /** The command line, its arguments joined by spaces. */
  readonly command: string;
}

/**
 * The running processes with `text` in their environment or command line, other than this one. A test gives what it
 * starts a variable of its own and expects none of it to be left. Linux only: elsewhere the list is empty.
 */
export function leftovers(text: string): Leftover[] {
  return processTexts().flatMap(({ pid, commandLine, environment }) => {
    if (pid === process.pid || !(commandLine.includes(text) || environment.includes(text))) return [];
    const stat = readProcessStat(pid);
    return stat && !isDead(stat) ? [{ pid, parentPid: stat.ppid, command: commandLine }] : [];
  });
}

/** Ends those that are left, also what they start meanwhile, and resolves once there is none. */
export async function killLeftovers(text: string): Promise<void> {
  await waitFor(
    () => {
      const left = leftovers(text);
      // One that has just ended by itself is no matter.
      for (const { pid } of left) sendSignal({ pid, startTime: null }, 'SIGKILL');
      return left.length === 0;
    },
    { describe: 'the end of what is left' },
  );
}
