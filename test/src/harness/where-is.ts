import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessText, processTexts } from '@go-agent/runtime/testing';

/** Paths of all files at or below `folder` whose bytes contain one of the texts. Links are not followed. */
export function filesWith(folder: string, texts: readonly string[]): string[] {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory())
    return readdirSync(folder).flatMap((name) => filesWith(join(folder, name), texts));
  if (!stats?.isFile()) return [];
  const bytes = readFileSync(folder);
  return texts.some((text) => bytes.includes(text)) ? [folder] : [];
}

/** All processes with `mark` in their environment, this one left out. Linux only: elsewhere there are none. */
export function processesWith(mark: string): ProcessText[] {
  return processTexts().filter(({ pid, environment }) => environment.includes(mark) && pid !== process.pid);
}
