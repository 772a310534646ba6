import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../http/missing-file.ts';
import { FileHashers } from './hashing/file-hashers.ts';
import { PartialUpload } from './partial-upload.ts';

/** Which file is being sent. */
export interface UploadKey {
  readonly jobId: number;
  readonly path: string;
  /** The sender's name for this attempt. */
  readonly uploadId: string;
}

export interface FinishedUpload {
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

/** Nobody goes on with an upload after this time. */
const KEEP_MS = 3 * 24 * 3_600_000;
const MOST_OPEN = 256;
const MOST_FINISHED = 4096;

interface Turn {
  readonly stop: () => void;
  readonly over: Promise<void>;
}

/** The files that arrive in parts: at most one request works on each, and what came survives a cut connection and a restart. */
export class PartialUploads implements AsyncDisposable {
  readonly #folder: string;
  readonly #hashers = new FileHashers();
  /** Files that wait for their next part, with their checksums so far. */
  readonly #waiting = new Map<string, PartialUpload>();
  readonly #turns = new Map<string, Turn>();
  /** For those whose final answer was lost. */
  readonly #finished = new Map<string, FinishedUpload>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder and removes what was given up. @param nowMs epoch milliseconds */
  async open(nowMs: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if ((await stat(path)).mtimeMs < nowMs - KEEP_MS) await rm(path, { force: true });
    }
  }

  finished(key: UploadKey): FinishedUpload | undefined {
    return this.#finished.get(nameOf(key));
  }

  /** Bytes that are here; what a running request adds may come on top. */
  async size(key: UploadKey): Promise<number> {
    const known = this.#waiting.get(nameOf(key));
    if (known !== undefined) return known.size;
    try {
      return (await stat(join(this.#folder, nameOf(key)))).size;
    } catch (error) {
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  /**
   * Lets `use` work on the file, alone. A request that is still at it has lost its connection, for a sender sends a file once at
   * a time: it is stopped and waited for.
   * @param use says whether the file waits for more (undefined), was finished, or is to be dropped
   */
  async take(
    key: UploadKey,
    stop: () => void,
    use: (upload: PartialUpload) => Promise<FinishedUpload | 'drop' | undefined>,
  ): Promise<void> {
    const name = nameOf(key);
    const before = this.#turns.get(name);
    before?.stop();
    const done = Promise.withResolvers<void>();
    const turn = { stop, over: done.promise };
    this.#turns.set(name, turn);
    await before?.over;
    try {
      await this.#work(name, use);
    } finally {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
      done.resolve();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { stop } of this.#turns.values()) stop();
    await Promise.all([...this.#turns.values()].map(({ over }) => over));
    for (const upload of this.#waiting.values()) await upload[Symbol.asyncDispose]();
    this.#waiting.clear();
    await this.#hashers[Symbol.asyncDispose]();
  }

  async #work(
    name: string,
    use: (upload: PartialUpload) => Promise<FinishedUpload | 'drop' | undefined>,
  ): Promise<void> {
    const upload =
      this.#waiting.get(name) ?? (await PartialUpload.open(join(this.#folder, name), this.#hashers));
    this.#waiting.delete(name);
    let outcome: FinishedUpload | 'drop' | undefined;
    try {
      outcome = await use(upload);
    } finally {
      if (outcome === undefined && !upload.isMoved) await this.#keep(name, upload);
    }
    if (outcome === 'drop') await upload.discard();
    else if (outcome !== undefined) remember(this.#finished, name, outcome, MOST_FINISHED);
  }

  async #keep(name: string, upload: PartialUpload): Promise<void> {
    const [dropped] = remember(this.#waiting, name, upload, MOST_OPEN);
    await dropped?.[Symbol.asyncDispose]();
  }
}

/** @returns what had to go to make room */
function remember<T>(map: Map<string, T>, name: string, value: T, most: number): T[] {
  map.set(name, value);
  const [oldest] = map;
  if (map.size <= most || oldest === undefined) return [];
  map.delete(oldest[0]);
  return [oldest[1]];
}

function nameOf({ jobId, path, uploadId }: UploadKey): string {
  return createHash('sha256').update(`${jobId}\n${uploadId}\n${path}`).digest('hex');
}
