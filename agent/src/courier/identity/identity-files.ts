import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@go-agent/runtime/core';

/** `config/guid.txt` and `config/token` of a home folder: who this agent is to the server (reference 2.1). */
export class IdentityFiles {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'config');
  }

  /** The agent's guid; a new one is on disk before this resolves. */
  async guid(): Promise<string> {
    const known = await this.#read('guid.txt');
    if (known !== undefined) return known;
    const guid = randomUUID();
    await this.#write('guid.txt', guid);
    return guid;
  }

  token(): Promise<string | undefined> {
    return this.#read('token');
  }

  async saveToken(token: string): Promise<void> {
    await this.#write('token', token);
  }

  async #read(name: string): Promise<string | undefined> {
    const text = await readFile(join(this.#folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    return text.trim() || undefined;
  }

  async #write(name: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(join(this.#folder, name), text, { mode: 0o600 });
  }
}
