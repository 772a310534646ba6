import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isMissing } from '../http/missing-file.ts';

/** Changes whenever the file may have; undefined if there is none. */
export async function fileIdentity(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs, ctimeMs }: Stats = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** In bytes; undefined if there is no such file. */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
