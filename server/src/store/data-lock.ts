import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, type Logger } from '@go-agent/runtime';

const SQLITE_BUSY = 5;

/**
 * Takes the data folder for this process. The exclusion is a lock of the operating system, which ends with its process however that
 * ends; SQLite is how Node can take one on every system.
 * @throws AppError `data-locked` if another server has it
 */
export function lockDataFolder(folder: string, logger: Logger): Disposable {
  const pidFile = join(folder, 'server.pid');
  const database = new DatabaseSync(join(folder, 'server.lock'), { timeout: 0 });
  try {
    // In memory: nothing is ever written, so there is no use for a journal beside it.
    database.exec('pragma journal_mode = memory; begin exclusive');
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new AppError(
      'data-locked',
      `${otherServer(pidFile)} works with the data in ${folder}. End it, or choose another folder with --data`,
      {
        cause: error,
      },
    );
  }
  // Beside the lock, which nobody else can read. It is only for the message: no reason not to start on a full disk.
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    logger.warn({ err: error }, `${pidFile} cannot be written`);
  }
  return {
    [Symbol.dispose]() {
      try {
        rmSync(pidFile, { force: true });
      } finally {
        database.close();
      }
    },
  };
}

/** The lock says that there is one; the file may be older, if the other is starting just now. */
function otherServer(pidFile: string): string {
  let pid = '';
  try {
    pid = readFileSync(pidFile, 'utf8').trim();
  } catch {
    // It could not be written, or not yet.
  }
  return /^\d+$/.test(pid) ? `Another go-server (process ${pid})` : 'Another go-server';
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
