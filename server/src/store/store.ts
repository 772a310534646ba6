import type { Kysely } from 'kysely';
import { migrate } from './migrate.ts';
import { type Repositories, repositoriesOn } from './repositories.ts';
import type { Schema } from './schema.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';

/** What the server remembers. */
export interface Store extends AsyncDisposable {
  /** For reading outside of a transaction. */
  readonly read: Repositories;
  /** All or nothing; one at a time. What `work` throws undoes it. */
  write<T>(work: (repositories: Repositories) => Promise<T>): Promise<T>;
}

/** Opens the database file and brings it to this server's schema. @throws AppError `schema-newer` */
export async function openStore(path: string): Promise<Store> {
  await using opening = new AsyncDisposableStack();
  const db = opening.adopt(await openSqlite(path), (opened) => opened.destroy());
  await migrate(db);
  opening.move();
  return new KyselyStore(db);
}

class KyselyStore implements Store {
  readonly read: Repositories;
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
    this.read = repositoriesOn(db);
  }

  write<T>(work: (repositories: Repositories) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute((transaction) => work(repositoriesOn(transaction)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy();
  }
}
