import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HashingTransform } from '@go-agent/runtime/core';
import { temporaryBeside } from './temporary-beside.ts';

/**
 * Writes a file beside its place and moves it there only when it is whole and verified: an interrupted transfer leaves the old file.
 * @param verify throws if the MD5 (hex) is not the one wanted
 */
export async function saveVerified(
  source: Readable,
  target: string,
  verify: (md5: string) => void,
  signal: AbortSignal,
  mode = 0o666,
): Promise<void> {
  const temporary = temporaryBeside(target);
  const hashing = new HashingTransform();
  try {
    await pipeline(source, hashing, createWriteStream(temporary, { flags: 'wx', mode }), { signal });
    verify(hashing.checksums.md5);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
