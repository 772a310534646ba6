import type { Kysely } from 'kysely';
import type { ClusterProfile, ElasticAgentProfile } from '../domain/elastic-profile.ts';
import type { Schema } from './schema.ts';

/** Profiles that were made through the API; those of files are not stored. Secure values are sealed. */
export class ElasticProfileRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async clusters(): Promise<ClusterProfile[]> {
    return (await this.#bodies('cluster')).map((body): ClusterProfile => JSON.parse(body));
  }

  async profiles(): Promise<ElasticAgentProfile[]> {
    return (await this.#bodies('profile')).map((body): ElasticAgentProfile => JSON.parse(body));
  }

  async saveCluster(cluster: ClusterProfile): Promise<void> {
    await this.#save('cluster', cluster.id, cluster);
  }

  async saveProfile(profile: ElasticAgentProfile): Promise<void> {
    await this.#save('profile', profile.id, profile);
  }

  async remove(kind: 'cluster' | 'profile', id: string): Promise<void> {
    await this.#db.deleteFrom('elastic_profiles').where('kind', '=', kind).where('id', '=', id).execute();
  }

  async #save(kind: 'cluster' | 'profile', id: string, value: object): Promise<void> {
    const body = JSON.stringify(value);
    await this.#db
      .insertInto('elastic_profiles')
      .values({ kind, id, body })
      .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ body }))
      .execute();
  }

  async #bodies(kind: 'cluster' | 'profile'): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('elastic_profiles')
      .select('body')
      .where('kind', '=', kind)
      .orderBy('id')
      .execute();
    return rows.map((row) => row.body);
  }
}
