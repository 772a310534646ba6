import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  /** Absolute, without symbolic links, and short: a Unix socket in it stays within 107 bytes. */
  readonly path: string;
}

/** A new empty folder that is removed with all its content when the test's scope ends. */
export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'ga-'));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}
