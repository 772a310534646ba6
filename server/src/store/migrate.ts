// Brings the schema to this server's version. Safe when two servers start at once: all of it is one transaction that writes.

import { AppError } from '@go-agent/runtime/core';
import { type Kysely, sql } from 'kysely';
import { firstTables } from './migrations/0001-first-tables.ts';
import { elasticTables } from './migrations/0002-elastic.ts';
import { rolloutTables } from './migrations/0003-rollout.ts';
import { elasticJobColumns } from './migrations/0004-elastic-jobs.ts';
import { elasticClusterColumn } from './migrations/0005-elastic-clusters.ts';
import type { Migration } from './migrations/migration.ts';
import type { Schema } from './schema.ts';

export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  elasticTables,
  rolloutTables,
  elasticJobColumns,
  elasticClusterColumn,
];

/** @throws AppError `schema-newer` if a newer server has migrated this database. */
export async function migrate(
  db: Kysely<Schema>,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`create table if not exists schema_versions (version integer primary key, name text not null)`.execute(
      transaction,
    );
    const { rows } = await sql<{ version: number }>`select version from schema_versions`.execute(transaction);
    const done = Math.max(0, ...rows.map((row) => row.version));
    const known = Math.max(0, ...migrations.map((migration) => migration.version));
    if (done > known) {
      throw new AppError(
        'schema-newer',
        `The database has schema version ${done}, and this server knows versions up to ${known}. ` +
          'A newer server has used it: start that one, or restore the backup made before the upgrade.',
      );
    }
    for (const migration of migrations.filter((candidate) => candidate.version > done)) {
      const { version, name } = migration;
      // The schema of a migration is that of its own time, not today's.
      await migration.up(transaction as unknown as Kysely<unknown>);
      await sql`insert into schema_versions (version, name) values (${version}, ${name})`.execute(
        transaction,
      );
    }
  });
}
