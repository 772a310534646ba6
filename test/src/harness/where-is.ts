import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of all files at or below `folder` whose bytes contain one of the texts. Links are not followed. */
export function filesWith(folder: string, texts: readonly string[]): string[] {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory())
    return readdirSync(folder).flatMap((name) => filesWith(join(folder, name), texts));
  if (!stats?.isFile()) return [];
  const bytes = readFileSync(folder);
  return texts.some((text) => bytes.includes(text)) ? [folder] : [];
}

export interface ProcessText {
  readonly pid: number;
  readonly commandLine: string;
  readonly environment: string;
}

/** All processes with `mark` in their environment, this one left out. Linux only: elsewhere there are none. */
export function processesWith(mark: string): ProcessText[] {
  return processTexts().filter(({ pid, environment }) => environment.includes(mark) && pid !== process.pid);
}

/** All processes of this machine, those of its containers too. */
export function processTexts(): ProcessText[] {
  return pids().map((pid) => ({
    pid,
    environment: read(`/proc/${pid}/environ`),
    commandLine: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '),
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
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
