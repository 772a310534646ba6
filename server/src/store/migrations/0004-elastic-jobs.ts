import type { Migration } from './migration.ts';

/** Which elastic agent a job was given to: kept when the agent is gone. */
export const elasticJobColumns: Migration = {
  version: 4,
  name: 'elastic-jobs',
  async up(db) {
    await db.schema.alterTable('jobs').addColumn('elastic_agent_id', 'text').execute();
    await db.schema.alterTable('jobs').addColumn('elastic_plugin_id', 'text').execute();
  },
};
