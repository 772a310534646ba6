import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '@go-agent/runtime/core';
import { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { sqliteDialect } from './sqlite-driver.ts';

/** How long to wait for another process that writes, such as a second server that starts on the same file. */
const BUSY_TIMEOUT_MS = 10_000;
const RETRY_MS = 20;
const SQLITE_BUSY = 5;

/** Opens (and makes, if missing) the database file; what is committed survives a power cut. */
export async function openSqlite(path: string): Promise<Kysely<Schema>> {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_TIMEOUT_MS });
  try {
    await useWriteAheadLog(database);
    database.exec('pragma synchronous = full');
  } catch (error) {
    database.close();
    throw error;
  }
  return new Kysely<Schema>({ dialect: sqliteDialect(database) });
}

/** SQLite itself does not wait for this: with two that open a new file at once, the one that is late is told "locked" at once. */
async function useWriteAheadLog(database: DatabaseSync): Promise<void> {
  const deadline = systemClock.monotonic() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      const locked = (error as { errcode?: unknown }).errcode === SQLITE_BUSY;
      if (!locked || systemClock.monotonic() > deadline) throw error;
      await systemClock.sleep(RETRY_MS, new AbortController().signal);
    }
  }
}
