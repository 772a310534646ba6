import type { Migration } from './migration.ts';

export const elasticTables: Migration = {
  version: 2,
  name: 'elastic',
  async up(db) {
    await db.schema
      .createTable('elastic_agents')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('plugin_id', 'text', (column) => column.notNull())
      .addColumn('agent_id', 'text')
      .addColumn('cluster_id', 'text', (column) => column.notNull())
      .addColumn('profile_id', 'text', (column) => column.notNull())
      .addColumn('job_id', 'integer')
      .addColumn('environment', 'text')
      .addColumn('key_hash', 'text')
      .addColumn('key_expires_at', 'bigint', (column) => column.notNull())
      .addColumn('uuid', 'text', (column) => column.unique())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('stop_reason', 'text')
      .addColumn('jobs_given', 'integer', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('elastic_agents_id', ['plugin_id', 'agent_id'])
      .addUniqueConstraint('elastic_agents_key', ['key_hash'])
      .execute();
    await db.schema
      .createTable('elastic_profiles')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('elastic_profiles_key', ['kind', 'id'])
      .execute();
  },
};
