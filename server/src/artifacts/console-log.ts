import type { FileHandle } from 'node:fs/promises';

export type WriteOutcome = 'written' | 'gap' | 'closed';

/** Where the server's own lines are recorded before they are written. */
export interface NoteRecord {
  /** On the disk when it resolves. @returns takes it back; called at once, if at all */
  add(note: { readonly at: number; readonly length: number }): Promise<() => Promise<void>>;
}

/**
 * One open console file. Each write is a check of the offset and an append in one turn of a queue, so two requests with
 * the same bytes (a first try that still runs, and its repetition) cannot double or tear anything.
 */
export class ConsoleLog {
  readonly #file: FileHandle;
  #size: number;
  #noteBytes: number;
  #closed = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param noteBytes how many of the file's `size` bytes are the server's own lines */
  constructor(file: FileHandle, size: number, noteBytes: number) {
    this.#file = file;
    this.#size = size;
    this.#noteBytes = noteBytes;
  }

  /** The agent's bytes: what it counts its offsets in. The server's own lines are none of them. */
  get size(): number {
    return this.#size - this.#noteBytes;
  }

  /** Appends those of `bytes` that the file does not have. `position`: the offset of their first, absent: the file's end. */
  write(bytes: Uint8Array, position?: number): Promise<WriteOutcome> {
    return this.#next(async () => {
      if (this.#closed) return 'closed';
      const known = position === undefined ? 0 : this.size - position;
      if (known < 0) return 'gap';
      if (known < bytes.length) await this.#append(bytes.subarray(known));
      return 'written';
    });
  }

  /**
   * Adds a line of the server's, all of it or nothing. Recorded first: after a crash in between, the record is seen to be of
   * nothing.
   */
  note(bytes: Uint8Array, record: NoteRecord): Promise<WriteOutcome> {
    return this.#next(async () => {
      if (this.#closed) return 'closed';
      const at = this.#size;
      const takeBack = await record.add({ at, length: bytes.length });
      try {
        await this.#append(bytes);
      } catch (error) {
        // Neither takes room, so a full disk is no hindrance.
        await this.#file.truncate(at);
        this.#size = at;
        await takeBack();
        throw error;
      }
      this.#noteBytes += bytes.length;
      return 'written';
    });
  }

  sync(): Promise<void> {
    return this.#next(() => this.#file.sync());
  }

  close(): Promise<void> {
    return this.#next(async () => {
      if (this.#closed) return;
      this.#closed = true;
      await this.#file.close();
    });
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done);
        done += bytesWritten;
        this.#size += bytesWritten;
      }
    } catch (error) {
      this.#size = (await this.#file.stat()).size;
      throw error;
    }
  }

  #next<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
