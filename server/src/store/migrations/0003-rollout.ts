import type { Migration } from './migration.ts';

/** What agents say about the versions that they run, and how the one that is rolled out did on them. */
export const rolloutTables: Migration = {
  version: 3,
  name: 'rollout',
  async up(db) {
    await db.schema
      .createTable('agent_versions')
      .addColumn('uuid', 'text', (column) => column.primaryKey())
      .addColumn('report', 'text', (column) => column.notNull())
      .addColumn('reported_at', 'bigint', (column) => column.notNull())
      .addColumn('verdict', 'text')
      .execute();
  },
};
