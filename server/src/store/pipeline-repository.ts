import type { Kysely } from 'kysely';
import { nameKey } from '../domain/names.ts';
import type { Schema } from './schema.ts';

export interface PauseRecord {
  readonly by: string;
  readonly reason: string;
}

/** Counters and pauses: what outlives a pipeline's configuration. */
export class PipelineRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Starts at 1; a number is never given twice. */
  async nextCounter(pipeline: string): Promise<number> {
    const row = await this.#db
      .insertInto('pipelines')
      .values({ name_key: nameKey(pipeline), counter: 1, paused: 0, paused_by: null, paused_reason: null })
      .onConflict((conflict) =>
        conflict.column('name_key').doUpdateSet((eb) => ({ counter: eb('pipelines.counter', '+', 1) })),
      )
      .returning('counter')
      .executeTakeFirstOrThrow();
    return row.counter;
  }

  async pauseOf(pipeline: string): Promise<PauseRecord | undefined> {
    const row = await this.#db
      .selectFrom('pipelines')
      .selectAll()
      .where('name_key', '=', nameKey(pipeline))
      .executeTakeFirst();
    if (row === undefined || row.paused === 0) return undefined;
    return { by: row.paused_by ?? '', reason: row.paused_reason ?? '' };
  }

  /** @param pause undefined: not paused any more. */
  async setPause(pipeline: string, pause: PauseRecord | undefined): Promise<void> {
    const change = {
      paused: pause === undefined ? 0 : 1,
      paused_by: pause?.by ?? null,
      paused_reason: pause?.reason ?? null,
    };
    await this.#db
      .insertInto('pipelines')
      .values({ name_key: nameKey(pipeline), counter: 0, ...change })
      .onConflict((conflict) => conflict.column('name_key').doUpdateSet(change))
      .execute();
  }
}
