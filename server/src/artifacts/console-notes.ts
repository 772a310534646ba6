import { appendFile, readFile } from 'node:fs/promises';
import { writeFileAtomic } from '@go-agent/runtime';
import { isMissing } from '../http/missing-file.ts';
import type { NoteRecord } from './console-log.ts';

/**
 * Which bytes of a console are the server's own lines. Agents count offsets in their own bytes, so these must be known for
 * as long as an agent may send, also over a restart. One line for each: `<offset in the file> <length>`.
 */
export class ConsoleNotes implements NoteRecord {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async add({ at, length }: { readonly at: number; readonly length: number }): Promise<void> {
    await appendFile(this.#path, `${at} ${length}\n`);
  }

  /** How many bytes of a console of `size` bytes are notes. A note that was recorded but never written is forgotten. */
  async settle(size: number): Promise<number> {
    const notes = await this.#read();
    const written = notes.filter(([at, length]) => at + length <= size);
    if (written.length < notes.length) {
      await writeFileAtomic(this.#path, written.map(([at, length]) => `${at} ${length}\n`).join(''));
    }
    return written.reduce((sum, [, length]) => sum + length, 0);
  }

  async #read(): Promise<(readonly [at: number, length: number])[]> {
    try {
      const text = await readFile(this.#path, 'utf8');
      return [...text.matchAll(/^(\d+) (\d+)$/gm)].map(
        ([, at, length]) => [Number(at), Number(length)] as const,
      );
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}
