import { type Kysely, sql } from 'kysely';
import { nameKey } from '../domain/names.ts';
import { isOver } from '../domain/stage-state.ts';
import type { StageState } from '../domain/views.ts';
import type { Schema, StageRow } from './schema.ts';

export interface StageRecord {
  readonly id: number;
  readonly instanceId: number;
  readonly name: string;
  readonly counter: number;
  readonly state: StageState;
  readonly approval: 'success' | 'manual';
  readonly approvedBy: string;
  readonly rerunOfCounter?: number;
  readonly cancelledBy?: string;
  readonly createdAt: number;
  readonly completedAt?: number;
}

export type NewStage = Pick<
  StageRecord,
  'instanceId' | 'name' | 'counter' | 'approval' | 'approvedBy' | 'createdAt'
>;

const STATES: readonly StageState[] = ['building', 'passed', 'failed', 'failing', 'cancelled'];
const ACTIVE: readonly StageState[] = ['building', 'failing'];

/** Runs of stages. */
export class StageRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async insert(pipeline: string, stage: NewStage): Promise<StageRecord> {
    const { id } = await this.#db
      .insertInto('stages')
      .values({
        instance_id: stage.instanceId,
        pipeline_key: nameKey(pipeline),
        name: stage.name,
        name_key: nameKey(stage.name),
        counter: stage.counter,
        state: 'building',
        approval: stage.approval,
        approved_by: stage.approvedBy,
        rerun_of_counter: null,
        cancelled_by: null,
        created_at: stage.createdAt,
        completed_at: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return { ...stage, id, state: 'building' };
  }

  async byId(id: number): Promise<StageRecord | undefined> {
    const row = await this.#all().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** All runs of all stages of an instance, oldest first. */
  async ofInstance(instanceId: number): Promise<StageRecord[]> {
    return (await this.#all().where('instance_id', '=', instanceId).orderBy('id').execute()).map(fromRow);
  }

  /** Is a run of this stage active in any instance of the pipeline? */
  async isActive(pipeline: string, stage: string): Promise<boolean> {
    const row = await this.#named(pipeline, stage).where('state', 'in', ACTIVE).limit(1).executeTakeFirst();
    return row !== undefined;
  }

  /** The newest run, over all instances, that passed. */
  async newestPassed(pipeline: string, stage: string): Promise<StageRecord | undefined> {
    const row = await this.#named(pipeline, stage)
      .where('state', '=', 'passed')
      .orderBy('completed_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /**
   * Of each stage, in each state, the newest run over all instances; newest first. Each is one step in an index, however many runs
   * there were.
   */
  async newestOfEachState(
    pipeline: string,
    stages: readonly string[],
  ): Promise<{ readonly run: StageRecord; readonly counter: number; readonly label: string }[]> {
    const newest = sql<number>`(
      select (select max(id) from stages
        where pipeline_key = ${nameKey(pipeline)} and name_key = names.value and state = states.value)
      from json_each(${JSON.stringify(stages.map(nameKey))}) as names, json_each(${JSON.stringify(STATES)}) as states)`;
    const rows = await this.#db
      .selectFrom('stages')
      .innerJoin('pipeline_instances', 'pipeline_instances.id', 'stages.instance_id')
      .selectAll('stages')
      .select(['pipeline_instances.counter as pipeline_counter', 'pipeline_instances.label as label'])
      .where('stages.id', 'in', newest)
      .orderBy('stages.id', 'desc')
      .execute();
    return rows.map((row) => ({ run: fromRow(row), counter: row.pipeline_counter, label: row.label }));
  }

  async setState(
    id: number,
    state: StageState,
    { at, cancelledBy }: { readonly at: number; readonly cancelledBy?: string | undefined },
  ): Promise<void> {
    await this.#db
      .updateTable('stages')
      .set({
        state,
        ...(isOver(state) ? { completed_at: at } : {}),
        ...(cancelledBy === undefined ? {} : { cancelled_by: cancelledBy }),
      })
      .where('id', '=', id)
      .execute();
  }

  #all() {
    return this.#db.selectFrom('stages').selectAll();
  }

  #named(pipeline: string, stage: string) {
    return this.#all().where('pipeline_key', '=', nameKey(pipeline)).where('name_key', '=', nameKey(stage));
  }
}

function fromRow(row: StageRow): StageRecord {
  return {
    id: row.id,
    instanceId: row.instance_id,
    name: row.name,
    counter: row.counter,
    state: row.state as StageState,
    approval: row.approval === 'manual' ? 'manual' : 'success',
    approvedBy: row.approved_by,
    ...(row.rerun_of_counter === null ? {} : { rerunOfCounter: row.rerun_of_counter }),
    ...(row.cancelled_by === null ? {} : { cancelledBy: row.cancelled_by }),
    createdAt: row.created_at,
    ...(row.completed_at === null ? {} : { completedAt: row.completed_at }),
  };
}
