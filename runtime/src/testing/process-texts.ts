import { readdirSync, readFileSync } from 'node:fs';

/** What a process shows of itself to those who may look. */
export interface ProcessText {
  readonly pid: number;
  /** Its arguments joined by spaces. */
  readonly commandLine: string;
  /** `NAME=value`, each ended by NUL. */
  readonly environment: string;
}

/** All processes of this machine, those of its containers too. Linux only: elsewhere the list is empty. */
export function processTexts(): ProcessText[] {
  return pids().map((pid) => ({
    pid,
    commandLine: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim(),
    environment: read(`/proc/${pid}/environ`),
  }));
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
