import type { Kysely } from 'kysely';
import type { JobPlan } from '../domain/job-plan.ts';
import type { JobStatus } from '../domain/job-state.ts';
import { nameKey } from '../domain/names.ts';
import type { JobState } from '../domain/views.ts';
import { type JobRecord, type JoinedJobRow, jobRecord } from './job-record.ts';
import type { Schema } from './schema.ts';

export interface JobAddress {
  readonly pipeline: string;
  readonly counter: number | 'latest';
  readonly stage: string;
  readonly stageCounter: number | 'latest';
  readonly job: string;
}

const ON_AGENT: readonly JobState[] = ['assigned', 'preparing', 'building', 'completing'];

/** Jobs, what they will run, and when they entered which state. */
export class JobRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** @param at when it was scheduled; `queuedAt` decides its place in the queue. Answers its id. */
  async insert(job: {
    readonly stageId: number;
    readonly name: string;
    readonly plan: JobPlan;
    readonly queuedAt: number;
    readonly at: number;
  }): Promise<{ readonly id: number; readonly transitionId: number }> {
    const { id } = await this.#db
      .insertInto('jobs')
      .values({
        stage_id: job.stageId,
        name: job.name,
        name_key: nameKey(job.name),
        state: 'scheduled',
        result: 'unknown',
        scheduled_at: job.queuedAt,
        agent_uuid: null,
        superseded: 0,
        requirement: JSON.stringify(job.plan.requirement),
        timeout_minutes: job.plan.timeoutMinutes,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await this.#db
      .insertInto('job_plans')
      .values({ job_id: id, plan: JSON.stringify(job.plan) })
      .execute();
    const [transitionId = 0] = await this.#addTransitions(id, ['scheduled'], job.at);
    return { id, transitionId };
  }

  /**
   * Takes the job for an agent, if it still waits and the agent is enabled, not being retired, and has no other. False: somebody was quicker.
   * Compare-and-set: of two that ask at once, one wins.
   */
  async assign(id: number, agentUuid: string, at: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('jobs')
      .from('agents')
      .set(({ ref }) => ({
        state: 'assigned',
        agent_uuid: agentUuid,
        elastic_agent_id: ref('agents.elastic_agent_id'),
        elastic_plugin_id: ref('agents.elastic_plugin_id'),
      }))
      .where('jobs.id', '=', id)
      .where('jobs.state', '=', 'scheduled')
      .where('agents.uuid', '=', agentUuid)
      .where('agents.disabled', '=', 0)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('jobs as other')
              .select('other.id')
              .where('other.agent_uuid', '=', agentUuid)
              .where('other.state', 'in', ON_AGENT),
          ),
        ),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('elastic_agents')
              .select('elastic_agents.id')
              .where('elastic_agents.uuid', '=', agentUuid)
              .where('elastic_agents.state', '!=', 'registered'),
          ),
        ),
      )
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await this.#addTransitions(id, ['assigned'], at);
    return true;
  }

  /** Moves a job on, if it is still in the state that the decision was made from. */
  async advance(
    id: number,
    from: JobState,
    step: { readonly status: JobStatus; readonly entered: readonly JobState[] },
    at: number,
  ): Promise<boolean> {
    const { state, result } = step.status;
    const { numUpdatedRows } = await this.#db
      .updateTable('jobs')
      .set({ state, result, ...(state === 'rescheduled' ? { superseded: 1 } : {}) })
      .where('id', '=', id)
      .where('state', '=', from)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    if (step.entered.length > 0) await this.#addTransitions(id, step.entered, at);
    return true;
  }

  async byId(id: number): Promise<JobRecord | undefined> {
    return (await this.#records(this.#joined().where('jobs.id', '=', id)))[0];
  }

  /** All jobs of a stage, superseded ones included, oldest first. */
  async ofStages(stageIds: readonly number[]): Promise<JobRecord[]> {
    if (stageIds.length === 0) return [];
    return this.#records(this.#joined().where('jobs.stage_id', 'in', [...stageIds]));
  }

  /** Waiting and running ones, oldest first. */
  async active(): Promise<JobRecord[]> {
    return this.#records(this.#joined().where('jobs.state', 'not in', ['completed', 'rescheduled']));
  }

  /** Of each of these agents the last one that it was given. Looks through all jobs. */
  async lastOn(agentUuids: readonly string[]): Promise<JobRecord[]> {
    if (agentUuids.length === 0) return [];
    const newest = this.#db
      .selectFrom('jobs')
      .select(({ fn }) => fn.max('id').as('id'))
      .where('agent_uuid', 'in', [...agentUuids])
      .groupBy('agent_uuid');
    return this.#records(this.#joined().where('jobs.id', 'in', newest));
  }

  /** The newest that fits, that which counts before superseded ones. @param agentUuid only those given to this agent */
  async find(address: JobAddress, agentUuid?: string): Promise<JobRecord | undefined> {
    let query = this.#joined()
      .where('pipeline_instances.name_key', '=', nameKey(address.pipeline))
      .where('stages.name_key', '=', nameKey(address.stage))
      .where('jobs.name_key', '=', nameKey(address.job));
    if (address.counter !== 'latest') query = query.where('pipeline_instances.counter', '=', address.counter);
    if (address.stageCounter !== 'latest') query = query.where('stages.counter', '=', address.stageCounter);
    if (agentUuid !== undefined) query = query.where('jobs.agent_uuid', '=', agentUuid);
    const newest = query
      .clearOrderBy()
      .orderBy('pipeline_instances.counter', 'desc')
      .orderBy('stages.counter', 'desc')
      .orderBy('jobs.superseded')
      .orderBy('jobs.id', 'desc')
      .limit(1);
    return (await this.#records(newest))[0];
  }

  async plan(id: number): Promise<JobPlan | undefined> {
    const row = await this.#db
      .selectFrom('job_plans')
      .select('plan')
      .where('job_id', '=', id)
      .executeTakeFirst();
    return row === undefined ? undefined : JSON.parse(row.plan);
  }

  /** What a finished job ran is not kept: it holds secrets, if sealed ones. */
  async dropPlan(id: number): Promise<void> {
    await this.#db.deleteFrom('job_plans').where('job_id', '=', id).execute();
  }

  #joined() {
    return this.#db
      .selectFrom('jobs')
      .innerJoin('stages', 'stages.id', 'jobs.stage_id')
      .innerJoin('pipeline_instances', 'pipeline_instances.id', 'stages.instance_id')
      .select((eb) => [
        'jobs.id as id',
        'jobs.name as job',
        'jobs.state as state',
        'jobs.result as result',
        'jobs.scheduled_at as scheduled_at',
        'jobs.agent_uuid as agent_uuid',
        'jobs.superseded as superseded',
        'jobs.requirement as requirement',
        'jobs.timeout_minutes as timeout_minutes',
        'jobs.elastic_agent_id as elastic_agent_id',
        'jobs.elastic_plugin_id as elastic_plugin_id',
        'stages.id as stage_id',
        'stages.name as stage',
        'stages.counter as stage_counter',
        'pipeline_instances.id as instance_id',
        'pipeline_instances.name as pipeline',
        'pipeline_instances.counter as counter',
        'pipeline_instances.label as label',
        eb
          .selectFrom('jobs as earlier')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .whereRef('earlier.stage_id', '=', 'jobs.stage_id')
          .whereRef('earlier.name_key', '=', 'jobs.name_key')
          .whereRef('earlier.id', '<=', 'jobs.id')
          .as('attempt'),
      ])
      .orderBy('jobs.id');
  }

  async #records(query: { execute(): Promise<JoinedJobRow[]> }): Promise<JobRecord[]> {
    const rows = await query.execute();
    if (rows.length === 0) return [];
    const transitions = await this.#db
      .selectFrom('job_transitions')
      .selectAll()
      .where(
        'job_id',
        'in',
        rows.map((row) => row.id),
      )
      .orderBy('id')
      .execute();
    const byJob = Map.groupBy(transitions, (transition) => transition.job_id);
    return rows.map((row) => jobRecord(row, byJob.get(row.id) ?? []));
  }

  async #addTransitions(jobId: number, states: readonly JobState[], at: number): Promise<number[]> {
    const rows = await this.#db
      .insertInto('job_transitions')
      .values(states.map((state) => ({ job_id: jobId, state, at })))
      .returning('id')
      .execute();
    return rows.map((row) => row.id);
  }
}
