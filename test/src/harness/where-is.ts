import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessText, processTexts } from '@go-agent/runtime/testing';

/** Paths of all files at or below `folder` whose bytes contain one of the texts. Links are not followed; what goes meanwhile is not there. */
export function filesWith(folder: string, texts: readonly string[]): string[] {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats?.isDirectory())
    return (unlessGone(() => readdirSync(folder)) ?? []).flatMap((name) =>
      filesWith(join(folder, name), texts),
    );
  if (!stats?.isFile()) return [];
  const bytes = unlessGone(() => readFileSync(folder));
  return bytes !== undefined && texts.some((text) => bytes.includes(text)) ? [folder] : [];
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** All processes with `mark` in their environment, this one left out. Linux only: elsewhere there are none. */
export function processesWith(mark: string): ProcessText[] {
  return processTexts().filter(({ pid, environment }) => environment.includes(mark) && pid !== process.pid);
}
