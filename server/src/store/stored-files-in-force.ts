import type { FilesInForce, InForceMemory } from '../config/files-in-force.ts';
import type { Store } from './store.ts';

const NAME = 'pipeline-files-in-force';

/** Keeps in the database which pipeline files are in force. */
export class StoredFilesInForce implements InForceMemory {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<FilesInForce> {
    const text = await this.#store.read.settings.get(NAME);
    return new Map(Object.entries(JSON.parse(text ?? '{}') as Record<string, string>));
  }

  async save(files: FilesInForce): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(files));
    await this.#store.write(({ settings }) => settings.set(NAME, text));
  }
}
