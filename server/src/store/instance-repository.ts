import type { Kysely, Selectable } from 'kysely';
import type { ChosenRevision } from '../domain/build-cause.ts';
import { nameKey } from '../domain/names.ts';
import type { VariableConfig } from '../domain/pipeline-config.ts';
import type { InstanceRow, RevisionTable, Schema } from './schema.ts';

export interface InstanceRecord {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly counter: number;
  readonly label: string;
  readonly scheduledAt: number;
  readonly approver: string;
  readonly message: string;
  readonly forced: boolean;
  /** Values of secure ones are sealed. */
  readonly overrides: readonly VariableConfig[];
}

export interface InstancePage {
  readonly size: number;
  /** Only older ones than this id. */
  readonly after?: number;
  /** Only newer ones than this id: the nearest to it. */
  readonly before?: number;
}

/** Runs of pipelines, with the revisions that they are about. */
export class InstanceRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async insert(
    instance: Omit<InstanceRecord, 'id'>,
    revisions: readonly ChosenRevision[],
  ): Promise<InstanceRecord> {
    const { id } = await this.#db
      .insertInto('pipeline_instances')
      .values({
        name: instance.name,
        name_key: nameKey(instance.name),
        group_name: instance.group,
        counter: instance.counter,
        label: instance.label,
        scheduled_at: instance.scheduledAt,
        approver: instance.approver,
        message: instance.message,
        forced: instance.forced ? 1 : 0,
        overrides: JSON.stringify(instance.overrides),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (revisions.length > 0) {
      await this.#db
        .insertInto('pipeline_revisions')
        .values(revisions.map((revision, position) => revisionRow(id, position, revision)))
        .execute();
    }
    return { ...instance, id };
  }

  async byId(id: number): Promise<InstanceRecord | undefined> {
    const row = await this.#db
      .selectFrom('pipeline_instances')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  async byCounter(pipeline: string, counter: number): Promise<InstanceRecord | undefined> {
    const row = await this.#of(pipeline).where('counter', '=', counter).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  async newest(pipeline: string): Promise<InstanceRecord | undefined> {
    const row = await this.#of(pipeline).orderBy('id', 'desc').limit(1).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** Newest first. */
  async page(pipeline: string, { size, after, before }: InstancePage): Promise<InstanceRecord[]> {
    let query = this.#of(pipeline).limit(size);
    if (after !== undefined) query = query.where('id', '<', after);
    if (before !== undefined) {
      const rows = await query.where('id', '>', before).orderBy('id', 'asc').execute();
      return rows.reverse().map(fromRow);
    }
    return (await query.orderBy('id', 'desc').execute()).map(fromRow);
  }

  /** Oldest and newest id of the pipeline; undefined if it never ran. */
  async ends(pipeline: string): Promise<{ readonly oldest: number; readonly newest: number } | undefined> {
    const row = await this.#db
      .selectFrom('pipeline_instances')
      .select(({ fn }) => [
        fn.min<number | null>('id').as('oldest'),
        fn.max<number | null>('id').as('newest'),
      ])
      .where('name_key', '=', nameKey(pipeline))
      .executeTakeFirst();
    if (row === undefined || row.oldest === null || row.newest === null) return undefined;
    return { oldest: row.oldest, newest: row.newest };
  }

  /** In the order of the configuration at that time. */
  async revisions(instanceId: number): Promise<ChosenRevision[]> {
    const rows = await this.#db
      .selectFrom('pipeline_revisions')
      .selectAll()
      .where('instance_id', '=', instanceId)
      .orderBy('position')
      .execute();
    return rows.map((row) => ({
      material: JSON.parse(row.material),
      fromId: row.from_modification_id,
      toId: row.to_modification_id,
      changed: row.changed !== 0,
    }));
  }

  /** Was there ever a run of the pipeline with exactly these revisions? */
  async everRanWith(pipeline: string, revisions: readonly ChosenRevision[]): Promise<boolean> {
    const row = await this.#of(pipeline)
      .where((eb) =>
        eb.and(
          revisions.map(({ material, toId }) =>
            eb.exists(
              eb
                .selectFrom('pipeline_revisions')
                .select('pipeline_revisions.instance_id')
                .whereRef('pipeline_revisions.instance_id', '=', 'pipeline_instances.id')
                .where('pipeline_revisions.fingerprint', '=', material.fingerprint)
                .where('pipeline_revisions.to_modification_id', '=', toId),
            ),
          ),
        ),
      )
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  #of(pipeline: string) {
    return this.#db.selectFrom('pipeline_instances').selectAll().where('name_key', '=', nameKey(pipeline));
  }
}

function revisionRow(
  instanceId: number,
  position: number,
  revision: ChosenRevision,
): Selectable<RevisionTable> {
  return {
    instance_id: instanceId,
    position,
    fingerprint: revision.material.fingerprint,
    material: JSON.stringify(revision.material),
    from_modification_id: revision.fromId,
    to_modification_id: revision.toId,
    changed: revision.changed ? 1 : 0,
  };
}

function fromRow(row: InstanceRow): InstanceRecord {
  return {
    id: row.id,
    name: row.name,
    group: row.group_name,
    counter: row.counter,
    label: row.label,
    scheduledAt: row.scheduled_at,
    approver: row.approver,
    message: row.message,
    forced: row.forced !== 0,
    overrides: JSON.parse(row.overrides),
  };
}
