import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '@go-agent/runtime/core';

const LOOK_AGAIN_MS = 200;
const SQLITE_BUSY = 5;

/**
 * Takes a lock that the operating system releases with the process, however that ends. SQLite knows how to lock a file on every
 * system that Node runs on; the file stays empty, and in its place.
 * @param onWait called once if somebody else has the lock
 * @throws the reason of `signal` if that is aborted first; what the file system reports
 */
export async function lockCache(
  path: string,
  { clock, signal, onWait }: { clock: Clock; signal: AbortSignal; onWait: () => void },
): Promise<Disposable> {
  let lock = tryLockCache(path);
  if (!lock) onWait();
  while (!lock) {
    await clock.sleep(LOOK_AGAIN_MS, signal);
    signal.throwIfAborted();
    lock = tryLockCache(path);
  }
  return lock;
}

/** The lock, or undefined if somebody else has it. */
export function tryLockCache(path: string): Disposable | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { [Symbol.dispose]: () => database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}
