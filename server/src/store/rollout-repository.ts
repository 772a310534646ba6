import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

const STATE = 'rollout';

/** What is stored of one agent's versions; `report` and `verdict` are JSON. */
export interface AgentVersionsRecord {
  readonly uuid: string;
  readonly report: string;
  /** Epoch ms. */
  readonly reportedAt: number;
  readonly verdict?: string;
}

/** Decisions about upgrades, and what agents have reported of theirs. */
export class RolloutRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** JSON; undefined if nothing has been decided yet. */
  async state(): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', STATE)
      .executeTakeFirst();
    return row?.value;
  }

  async saveState(value: string): Promise<void> {
    await this.#db
      .insertInto('settings')
      .values({ name: STATE, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }

  async reports(): Promise<AgentVersionsRecord[]> {
    const rows = await this.#db.selectFrom('agent_versions').selectAll().execute();
    return rows.map(({ uuid, report, reported_at, verdict }) => ({
      uuid,
      report,
      reportedAt: reported_at,
      ...(verdict === null ? {} : { verdict }),
    }));
  }

  async saveReport({ uuid, report, reportedAt, verdict }: AgentVersionsRecord): Promise<void> {
    const rest = { report, reported_at: reportedAt, verdict: verdict ?? null };
    await this.#db
      .insertInto('agent_versions')
      .values({ uuid, ...rest })
      .onConflict((conflict) => conflict.column('uuid').doUpdateSet(rest))
      .execute();
  }

  async removeReport(uuid: string): Promise<void> {
    await this.#db.deleteFrom('agent_versions').where('uuid', '=', uuid).execute();
  }
}
