import type { Kysely } from 'kysely';
import type { AgentRow, Schema } from './schema.ts';

export interface AgentRecord {
  readonly uuid: string;
  readonly cookie?: string;
  readonly hostName: string;
  readonly ipAddress: string;
  readonly location: string;
  readonly operatingSystem: string;
  readonly elastic?: { readonly agentId: string; readonly pluginId: string };
  readonly disabled: boolean;
  readonly resources: readonly string[];
  readonly environments: readonly string[];
  readonly registeredAt: number;
}

/** Registered agents: enabled and disabled ones. */
export class AgentRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async all(): Promise<AgentRecord[]> {
    const rows = await this.#db
      .selectFrom('agents')
      .selectAll()
      .orderBy('registered_at')
      .orderBy('uuid')
      .execute();
    return rows.map(fromRow);
  }

  /** Inserts, or replaces what is stored under the same uuid. */
  async save(agent: AgentRecord): Promise<void> {
    const { uuid, ...rest } = toRow(agent);
    await this.#db
      .insertInto('agents')
      .values({ uuid, ...rest })
      .onConflict((conflict) => conflict.column('uuid').doUpdateSet(rest))
      .execute();
  }

  async remove(uuid: string): Promise<void> {
    await this.#db.deleteFrom('agents').where('uuid', '=', uuid).execute();
  }
}

function toRow(agent: AgentRecord): AgentRow {
  return {
    uuid: agent.uuid,
    cookie: agent.cookie ?? null,
    host_name: agent.hostName,
    ip_address: agent.ipAddress,
    location: agent.location,
    operating_system: agent.operatingSystem,
    elastic_agent_id: agent.elastic?.agentId ?? null,
    elastic_plugin_id: agent.elastic?.pluginId ?? null,
    disabled: agent.disabled ? 1 : 0,
    resources: JSON.stringify(agent.resources),
    environments: JSON.stringify(agent.environments),
    registered_at: agent.registeredAt,
  };
}

function fromRow(row: AgentRow): AgentRecord {
  return {
    uuid: row.uuid,
    ...(row.cookie === null ? {} : { cookie: row.cookie }),
    hostName: row.host_name,
    ipAddress: row.ip_address,
    location: row.location,
    operatingSystem: row.operating_system,
    ...(row.elastic_agent_id === null || row.elastic_plugin_id === null
      ? {}
      : { elastic: { agentId: row.elastic_agent_id, pluginId: row.elastic_plugin_id } }),
    disabled: row.disabled !== 0,
    resources: JSON.parse(row.resources),
    environments: JSON.parse(row.environments),
    registeredAt: row.registered_at,
  };
}
