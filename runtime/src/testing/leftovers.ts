import { readdirSync, readFileSync } from 'node:fs';
import { isDead, readProcessStat } from '../process-identity.ts';

export interface Leftover {
  readonly pid: number;
  /** The command line, its arguments joined by spaces. */
  readonly command: string;
}

/**
 * The running processes with `text` in their environment or command line, other than this one. A test gives what it
 * starts a variable of its own and expects none of it to be left. Linux only: elsewhere the list is empty.
 */
export function leftovers(text: string): Leftover[] {
  return pids().flatMap((pid) => {
    const stat = readProcessStat(pid);
    if (!stat || isDead(stat) || pid === process.pid) return [];
    const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    return command.includes(text) || read(`/proc/${pid}/environ`).includes(text) ? [{ pid, command }] : [];
  });
}

function pids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
