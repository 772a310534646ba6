import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from './migration.ts';

const ACTIVE_ON_AGENT = "('assigned', 'preparing', 'building', 'completing')";

export const firstTables: Migration = {
  version: 1,
  name: 'first-tables',
  async up(db) {
    await createAgents(db);
    await createPipelines(db);
    await createModifications(db);
    await createRuns(db);
    await createJobs(db);
  },
};

async function createAgents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
  await texts(db.schema.createTable('agents'), ['host_name', 'ip_address', 'location', 'operating_system'])
    .addColumn('uuid', 'text', (column) => column.primaryKey())
    .addColumn('cookie', 'text')
    .addColumn('elastic_agent_id', 'text')
    .addColumn('elastic_plugin_id', 'text')
    .addColumn('disabled', 'integer', (column) => column.notNull())
    .addColumn('resources', 'text', (column) => column.notNull())
    .addColumn('environments', 'text', (column) => column.notNull())
    .addColumn('registered_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createPipelines(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('pipelines')
    .addColumn('name_key', 'text', (column) => column.primaryKey())
    .addColumn('counter', 'integer', (column) => column.notNull())
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('paused_by', 'text')
    .addColumn('paused_reason', 'text')
    .execute();
  await texts(withId(db, 'pipeline_instances'), [
    'name',
    'name_key',
    'group_name',
    'label',
    'approver',
    'message',
    'overrides',
  ])
    .addColumn('counter', 'integer', (column) => column.notNull())
    .addColumn('scheduled_at', 'bigint', (column) => column.notNull())
    .addColumn('forced', 'integer', (column) => column.notNull())
    .addUniqueConstraint('pipeline_instances_counter', ['name_key', 'counter'])
    .execute();
  await db.schema
    .createTable('pipeline_revisions')
    .addColumn('instance_id', 'integer', (column) => column.notNull().references('pipeline_instances.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('material', 'text', (column) => column.notNull())
    .addColumn('from_modification_id', 'integer', (column) => column.notNull())
    .addColumn('to_modification_id', 'integer', (column) => column.notNull())
    .addColumn('changed', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('pipeline_revisions_key', ['instance_id', 'position'])
    .execute();
}

async function createModifications(db: Kysely<unknown>): Promise<void> {
  await texts(withId(db, 'modifications'), [
    'fingerprint',
    'revision',
    'user_name',
    'email_address',
    'comment',
    'files',
  ])
    .addColumn('modified_at', 'bigint', (column) => column.notNull())
    .addColumn('pipeline_label', 'text')
    .addUniqueConstraint('modifications_revision', ['fingerprint', 'revision'])
    .execute();
  await index(db, 'modifications', ['fingerprint', 'id']);
}

async function createRuns(db: Kysely<unknown>): Promise<void> {
  await texts(withId(db, 'stages'), ['pipeline_key', 'name', 'name_key', 'state', 'approval', 'approved_by'])
    .addColumn('instance_id', 'integer', (column) => column.notNull().references('pipeline_instances.id'))
    .addColumn('counter', 'integer', (column) => column.notNull())
    .addColumn('rerun_of_counter', 'integer')
    .addColumn('cancelled_by', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('completed_at', 'bigint')
    .addUniqueConstraint('stages_counter', ['instance_id', 'name_key', 'counter'])
    .execute();
  await index(db, 'stages', ['pipeline_key', 'name_key', 'state']);
}

async function createJobs(db: Kysely<unknown>): Promise<void> {
  await texts(withId(db, 'jobs'), ['name', 'name_key', 'state', 'result', 'requirement'])
    .addColumn('stage_id', 'integer', (column) => column.notNull().references('stages.id'))
    .addColumn('scheduled_at', 'bigint', (column) => column.notNull())
    .addColumn('agent_uuid', 'text')
    .addColumn('superseded', 'integer', (column) => column.notNull())
    .addColumn('timeout_minutes', 'integer', (column) => column.notNull())
    .execute();
  await index(db, 'jobs', ['stage_id']);
  await sql`create index jobs_active on jobs (state) where state not in ('completed', 'rescheduled')`.execute(
    db,
  );
  // An agent has one job at a time; the last line of defence under the compare-and-set of the assignment.
  await sql`create unique index jobs_one_per_agent on jobs (agent_uuid) where state in ${sql.raw(ACTIVE_ON_AGENT)}`.execute(
    db,
  );
  await db.schema
    .createTable('job_plans')
    .addColumn('job_id', 'integer', (column) => column.primaryKey().references('jobs.id'))
    .addColumn('plan', 'text', (column) => column.notNull())
    .execute();
  await withId(db, 'job_transitions')
    .addColumn('job_id', 'integer', (column) => column.notNull().references('jobs.id'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await index(db, 'job_transitions', ['job_id']);
}

/** Ids are never used again: agents, files and people keep them. */
function withId(db: Kysely<unknown>, table: string) {
  return db.schema
    .createTable(table)
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement());
}

function texts<T extends string, C extends string>(
  table: CreateTableBuilder<T, C>,
  names: readonly string[],
) {
  let builder: CreateTableBuilder<T, string> = table;
  for (const name of names) builder = builder.addColumn(name, 'text', (column) => column.notNull());
  return builder;
}

async function index(db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_by_${columns.join('_')}`)
    .on(table)
    .columns([...columns])
    .execute();
}
