import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@go-agent/runtime/core';
import { decodeEvent } from './decode-event.ts';
import { JOURNAL, type JournalEvent } from './format.ts';

const NEWLINE = 10;

/** Follows a journal while somebody else writes it. Files that do not exist yet are empty. */
export class JournalReader {
  readonly #eventsPath: string;
  readonly #consolePath: string;
  readonly #events: JournalEvent[] = [];
  #eventsOffset = 0;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#eventsPath = join(folder, JOURNAL.events);
    this.#consolePath = join(folder, JOURNAL.console);
  }

  /** The events read so far. */
  get events(): readonly JournalEvent[] {
    return this.#events;
  }

  /**
   * Reads what was appended since the last call and returns all events so far. A last line that is not whole yet is left for later.
   * Calls may overlap.
   * @throws AppError journal-damaged if a whole line is not an event
   */
  readEvents(): Promise<readonly JournalEvent[]> {
    const reading = this.#reading.then(() => this.#readNewEvents());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readNewEvents(): Promise<readonly JournalEvent[]> {
    const size = await sizeOf(this.#eventsPath);
    if (size <= this.#eventsOffset) return this.#events;
    const fresh = await readRange(this.#eventsPath, this.#eventsOffset, size);
    for (let start = 0, end = 0; (end = fresh.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
      const event = decodeEvent(fresh.toString('utf8', start, end));
      if (event === undefined) {
        const at = `${this.#eventsPath}, line ${this.#events.length + 1}`;
        throw new AppError(
          'journal-damaged',
          `${at} is not an event; remove the job's folder to give the job up`,
        );
      }
      this.#events.push(event);
      this.#eventsOffset += end + 1 - start;
    }
    return this.#events;
  }

  /** Bytes of console.log by now. */
  consoleLength(): Promise<number> {
    return sizeOf(this.#consolePath);
  }

  /**
   * The bytes `from` to `to` (exclusive) of console.log; fewer if it is shorter.
   * @param into what to read into, if it is long enough: the result is a part of it
   */
  readConsole(from: number, to: number, into?: Buffer): Promise<Buffer> {
    return readRange(this.#consolePath, from, to, into);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function readRange(path: string, from: number, to: number, into?: Buffer): Promise<Buffer> {
  const size = Math.max(0, to - from);
  const buffer =
    into !== undefined && into.length >= size ? into.subarray(0, size) : Buffer.allocUnsafe(size);
  // The file need not be there.
  if (size === 0) return buffer;
  await using handle = await open(path, 'r');
  const length = await fill(handle, buffer, from);
  return buffer.subarray(0, length);
}

async function fill(handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
