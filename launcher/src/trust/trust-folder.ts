import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@go-agent/runtime';

/** The documents that were last verified, by tuf-js's names. */
const DOCUMENTS = ['root.json', 'timestamp.json', 'snapshot.json', 'targets.json'];
/** The bootstrapper's root that the others follow. */
const ANCHOR = 'anchor.json';

/**
 * `<home>/data/trust/`: what was verified last, so that older metadata is known to be older. tuf-js works on a copy, since
 * it writes its files in place: what is kept is replaced file by file, each as a whole.
 */
export class TrustFolder {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'data', 'trust');
  }

  /**
   * Makes a working copy that starts from the kept root or, if the bootstrapper carries another root than before, from
   * that: it was upgraded by hand, and what it brings counts.
   */
  async checkOut(carriedRoot: Buffer): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      if (name.endsWith('.work')) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
    const copy = join(this.#folder, `${randomUUID()}.work`);
    await mkdir(copy, { mode: 0o700 });
    for (const name of DOCUMENTS) {
      const bytes = await this.#read(name);
      if (bytes) await writeFile(join(copy, name), bytes);
    }
    const anchor = await this.#read(ANCHOR);
    const known = anchor?.equals(carriedRoot) === true && (await this.#read('root.json')) !== undefined;
    if (!known) await writeFile(join(copy, 'root.json'), carriedRoot);
    return copy;
  }

  /** Keeps what was verified in a working copy, and removes the copy. */
  async checkIn(copy: string, carriedRoot: Buffer): Promise<void> {
    for (const name of DOCUMENTS) {
      const bytes = await readFile(join(copy, name)).catch(() => undefined);
      if (bytes && !(await this.#read(name))?.equals(bytes))
        await writeFileAtomic(join(this.#folder, name), bytes, { mode: 0o600 });
    }
    // Last: without it, the next launch starts from the carried root again.
    if (!(await this.#read(ANCHOR))?.equals(carriedRoot))
      await writeFileAtomic(join(this.#folder, ANCHOR), carriedRoot, { mode: 0o600 });
    await rm(copy, { recursive: true, force: true });
  }

  async #read(name: string): Promise<Buffer | undefined> {
    return await readFile(join(this.#folder, name)).catch(() => undefined);
  }
}
