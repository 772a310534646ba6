import type { StopReason } from '@go-agent/protocol/elastic';
import type { Kysely, Selectable } from 'kysely';
import type { ClusterProfile } from '../domain/elastic-profile.ts';
import type { JobState } from '../domain/views.ts';
import type { ElasticAgentTable, Schema } from './schema.ts';

/** `starting`: has a key. `registered`: may be given jobs. `retiring`: gets none any more, and is on its way out. */
export type ElasticAgentPhase = 'starting' | 'registered' | 'retiring';

/** One elastic agent, from its key to its end. */
export interface ElasticAgentRecord {
  readonly id: number;
  readonly pluginId: string;
  /** Unknown until it registers where the plugin chooses it alone (v5). */
  readonly agentId?: string;
  readonly clusterId: string;
  /** As it was when the key was made, or when the agent was last found, secrets sealed. Absent in what an earlier version has written. */
  readonly cluster?: ClusterProfile;
  readonly profileId: string;
  /** For which it was started. */
  readonly jobId?: number;
  readonly environment?: string;
  /** SHA-256 in hex, of several keys with blanks between. Used once: with `uuid` it is spent. */
  readonly keyHash?: string;
  /** The last one of them. */
  readonly keyExpiresAt: number;
  readonly uuid?: string;
  readonly phase: ElasticAgentPhase;
  readonly stopReason?: StopReason;
  readonly jobsGiven: number;
  readonly createdAt: number;
}

const ON_AGENT: readonly JobState[] = ['assigned', 'preparing', 'building', 'completing'];

export class ElasticAgentRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async all(): Promise<ElasticAgentRecord[]> {
    const rows = await this.#db.selectFrom('elastic_agents').selectAll().orderBy('id').execute();
    return rows.map(fromRow);
  }

  /** Undefined if the plugin has given out this agent id before. */
  async insert(agent: Omit<ElasticAgentRecord, 'id'>): Promise<ElasticAgentRecord | undefined> {
    const row = await this.#db
      .insertInto('elastic_agents')
      .values({
        plugin_id: agent.pluginId,
        agent_id: agent.agentId ?? null,
        cluster_id: agent.clusterId,
        cluster: agent.cluster === undefined ? null : JSON.stringify(agent.cluster),
        profile_id: agent.profileId,
        job_id: agent.jobId ?? null,
        environment: agent.environment ?? null,
        key_hash: agent.keyHash ?? null,
        key_expires_at: agent.keyExpiresAt,
        uuid: agent.uuid ?? null,
        state: agent.phase,
        stop_reason: agent.stopReason ?? null,
        jobs_given: agent.jobsGiven,
        created_at: agent.createdAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    return row === undefined ? undefined : { ...agent, id: row.id };
  }

  /** Uses the key, once. False: it was used before. @param isWanted it is to work, though it may have been given up */
  async register(
    id: number,
    agent: { readonly agentId: string; readonly uuid: string },
    isWanted: boolean,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('elastic_agents')
      .set({
        agent_id: agent.agentId,
        uuid: agent.uuid,
        ...(isWanted ? { state: 'registered' as const, stop_reason: null } : {}),
      })
      .where('id', '=', id)
      .where('uuid', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** From now on it gets no job. False: it has one, or it was retired before. */
  async retire(id: number, reason: StopReason): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('elastic_agents')
      .set({ state: 'retiring', stop_reason: reason })
      .where('id', '=', id)
      .where('state', '!=', 'retiring')
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('jobs')
              .select('jobs.id')
              .whereRef('jobs.agent_uuid', '=', 'elastic_agents.uuid')
              .where('jobs.state', 'in', ON_AGENT),
          ),
        ),
      )
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async setKeys(id: number, keyHash: string, keyExpiresAt: number): Promise<void> {
    await this.#db
      .updateTable('elastic_agents')
      .set({ key_hash: keyHash, key_expires_at: keyExpiresAt })
      .where('id', '=', id)
      .execute();
  }

  /** It was found with this version of its cluster's profile. */
  async setCluster(id: number, cluster: ClusterProfile): Promise<void> {
    const text = JSON.stringify(cluster);
    await this.#db.updateTable('elastic_agents').set({ cluster: text }).where('id', '=', id).execute();
  }

  /** One that was started for nobody belongs to the environment of its first job. */
  async adopt(id: number, environment: string): Promise<void> {
    await this.#db.updateTable('elastic_agents').set({ environment }).where('id', '=', id).execute();
  }

  /** It has been given one more job. */
  async noteJob(uuid: string): Promise<void> {
    await this.#db
      .updateTable('elastic_agents')
      .set((eb) => ({ jobs_given: eb('jobs_given', '+', 1) }))
      .where('uuid', '=', uuid)
      .execute();
  }

  async remove(id: number): Promise<void> {
    await this.#db.deleteFrom('elastic_agents').where('id', '=', id).execute();
  }
}

function fromRow(row: Selectable<ElasticAgentTable>): ElasticAgentRecord {
  return {
    id: row.id,
    pluginId: row.plugin_id,
    ...(row.agent_id === null ? {} : { agentId: row.agent_id }),
    clusterId: row.cluster_id,
    ...(row.cluster === null ? {} : { cluster: JSON.parse(row.cluster) as ClusterProfile }),
    profileId: row.profile_id,
    ...(row.job_id === null ? {} : { jobId: row.job_id }),
    ...(row.environment === null ? {} : { environment: row.environment }),
    ...(row.key_hash === null ? {} : { keyHash: row.key_hash }),
    keyExpiresAt: row.key_expires_at,
    ...(row.uuid === null ? {} : { uuid: row.uuid }),
    phase: row.state as ElasticAgentPhase,
    ...(row.stop_reason === null ? {} : { stopReason: row.stop_reason as StopReason }),
    jobsGiven: row.jobs_given,
    createdAt: row.created_at,
  };
}
