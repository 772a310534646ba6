import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import { sqliteDialect } from './sqlite-driver.ts';

/** How long to wait for another process that writes, such as a second server that starts on the same file. */
const BUSY_TIMEOUT_MS = 10_000;

/** Opens (and makes, if missing) the database file; what is committed survives a power cut. */
export function openSqlite(path: string): Kysely<Schema> {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_TIMEOUT_MS });
  database.exec('pragma journal_mode = wal');
  database.exec('pragma synchronous = full');
  return new Kysely<Schema>({ dialect: sqliteDialect(database) });
}
