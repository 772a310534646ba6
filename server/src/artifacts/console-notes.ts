import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, writeFileAtomic } from '@go-agent/runtime';
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

  async add(note: { readonly at: number; readonly length: number }): Promise<() => Promise<void>> {
    await using file: FileHandle = await open(this.#path, 'a');
    const { size } = await file.stat();
    try {
      await file.appendFile(lineOf(note));
      await file.datasync();
      if (size === 0) await syncFolder(dirname(this.#path));
    } catch (error) {
      // The beginning of a line would spoil the next one.
      await file.truncate(size);
      throw error;
    }
    return () => this.#cutTo(size);
  }

  /**
   * How many bytes of a console of `size` bytes are notes. Of a note that was recorded but not written, or not to its end, what
   * is not there is forgotten.
   */
  async settle(size: number): Promise<number> {
    const text = await this.#read();
    const notes = [...text.matchAll(/^(\d+) (\d+)\n/gm)]
      .map(([, at, length]) => ({ at: Number(at), length: Math.min(Number(length), size - Number(at)) }))
      .filter(({ length }) => length > 0);
    const settled = notes.map(lineOf).join('');
    if (settled !== text) await writeFileAtomic(this.#path, settled);
    return notes.reduce((sum, { length }) => sum + length, 0);
  }

  async #cutTo(size: number): Promise<void> {
    await using file: FileHandle = await open(this.#path, 'r+');
    await file.truncate(size);
    await file.datasync();
  }

  async #read(): Promise<string> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return '';
      throw error;
    }
  }
}

function lineOf({ at, length }: { readonly at: number; readonly length: number }): string {
  return `${at} ${length}\n`;
}
