import type { Kysely } from 'kysely';
import type { KnownModification } from '../domain/build-cause.ts';
import type { ModificationRow, Schema } from './schema.ts';

export type NewModification = Omit<KnownModification, 'id'>;

/** What each material has had, by fingerprint; ids grow with time. */
export class ModificationRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** @param modifications oldest first; those that are known already are left out. Answers how many were new. */
  async add(fingerprint: string, modifications: readonly NewModification[]): Promise<number> {
    let added = 0;
    for (const modification of modifications) {
      const { numInsertedOrUpdatedRows } = await this.#db
        .insertInto('modifications')
        .values({
          fingerprint,
          revision: modification.revision,
          modified_at: modification.modifiedAt,
          user_name: modification.userName,
          email_address: modification.emailAddress,
          comment: modification.comment,
          pipeline_label: modification.pipelineLabel ?? null,
          files: JSON.stringify(modification.files),
        })
        .onConflict((conflict) => conflict.columns(['fingerprint', 'revision']).doNothing())
        .executeTakeFirstOrThrow();
      added += Number(numInsertedOrUpdatedRows ?? 0n);
    }
    return added;
  }

  async newest(fingerprint: string): Promise<KnownModification | undefined> {
    const row = await this.#of(fingerprint).limit(1).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** The newest, if several begin so. */
  async byRevision(
    fingerprint: string,
    revision: string,
    { isPrefix }: { readonly isPrefix: boolean },
  ): Promise<KnownModification | undefined> {
    const query = isPrefix
      ? this.#of(fingerprint)
          .where('revision', '>=', revision)
          .where('revision', '<', `${revision}\u{10ffff}`)
      : this.#of(fingerprint).where('revision', '=', revision);
    const row = await query.limit(1).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  }

  /** Newest first. */
  async newerThan(fingerprint: string, id: number): Promise<KnownModification[]> {
    return (await this.#of(fingerprint).where('id', '>', id).execute()).map(fromRow);
  }

  /** Newest first, both ends included. */
  async between(fingerprint: string, fromId: number, toId: number): Promise<KnownModification[]> {
    return (await this.#of(fingerprint).where('id', '>=', fromId).where('id', '<=', toId).execute()).map(
      fromRow,
    );
  }

  #of(fingerprint: string) {
    return this.#db
      .selectFrom('modifications')
      .selectAll()
      .where('fingerprint', '=', fingerprint)
      .orderBy('id', 'desc');
  }
}

function fromRow(row: ModificationRow): KnownModification {
  return {
    id: row.id,
    revision: row.revision,
    modifiedAt: row.modified_at,
    userName: row.user_name,
    emailAddress: row.email_address,
    comment: row.comment,
    ...(row.pipeline_label === null ? {} : { pipelineLabel: row.pipeline_label }),
    files: JSON.parse(row.files),
  };
}
