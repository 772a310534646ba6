import type { Migration } from './migration.ts';

/** The cluster in which an elastic agent was made, so that it can be ended there whatever becomes of the configuration. */
export const elasticClusterColumn: Migration = {
  version: 5,
  name: 'elastic-clusters',
  async up(db) {
    await db.schema.alterTable('elastic_agents').addColumn('cluster', 'text').execute();
  },
};
