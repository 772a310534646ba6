import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** The server's own keys and marks, by name. */
export class SettingRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** The stored value; `initial` is stored and answered if there is none yet, also when two ask at once. */
  async getOrSet(name: string, initial: string): Promise<string> {
    await this.#db
      .insertInto('settings')
      .values({ name, value: initial })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const row = await this.#db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return row.value;
  }

  async get(name: string): Promise<string | undefined> {
    const found = this.#db.selectFrom('settings').select('value').where('name', '=', name);
    return (await found.executeTakeFirst())?.value;
  }

  async set(name: string, value: string): Promise<void> {
    await this.#db
      .insertInto('settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }
}
