import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FromHasher, ToHasher } from './hash-messages.ts';

export interface UploadDigests {
  /** Hex. */
  readonly md5: string;
  /** Hex. */
  readonly sha256: string;
}

/** Follows one file that is being written. */
export interface FileHasher {
  /** So many bytes are in the file now. */
  grown(size: number): void;
  /** Of the first `size` bytes. Rejects if the file cannot be read. */
  digests(size: number): Promise<UploadDigests>;
  close(): void;
}

interface Lane {
  readonly worker: Worker;
  readonly waiting: Map<number, PromiseWithResolvers<UploadDigests>>;
  files: number;
  /** The thread has ended: nothing that it is asked is answered. */
  isGone: boolean;
}

const MOST_LANES = 4;

/**
 * Threads that hash what is uploaded: MD5 and SHA-256 take longer than everything else that is done with the bytes, and must
 * hold up neither the upload nor other requests. Started when they are needed first.
 */
export class FileHashers implements AsyncDisposable {
  readonly #lanes: Lane[] = [];
  readonly #most = Math.max(1, Math.min(MOST_LANES, availableParallelism() - 1));
  #lastId = 0;

  open(path: string): FileHasher {
    const id = (this.#lastId += 1);
    let lane = this.#follow(id, path);
    const send = (message: ToHasher) => {
      // Another thread reads the file from its beginning.
      if (lane.isGone) lane = this.#follow(id, path);
      lane.worker.postMessage(message);
    };
    return {
      grown: (size) => send({ type: 'grown', id, size }),
      digests: (size) => {
        const answer = Promise.withResolvers<UploadDigests>();
        send({ type: 'digest', id, size });
        lane.waiting.set(id, answer);
        return answer.promise;
      },
      close: () => {
        lane.files -= 1;
        lane.worker.postMessage({ type: 'close', id } satisfies ToHasher);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.map(({ worker }) => worker.terminate()));
  }

  #follow(id: number, path: string): Lane {
    const lane = this.#leastUsed();
    lane.files += 1;
    lane.worker.postMessage({ type: 'open', id, path } satisfies ToHasher);
    return lane;
  }

  #leastUsed(): Lane {
    const [least] = this.#lanes.toSorted((a, b) => a.files - b.files);
    if (least !== undefined && (least.files === 0 || this.#lanes.length >= this.#most)) return least;
    const lane = this.#start();
    this.#lanes.push(lane);
    return lane;
  }

  #start(): Lane {
    const worker = new Worker(new URL('hash-worker.ts', import.meta.url));
    worker.unref();
    const lane: Lane = { worker, waiting: new Map(), files: 0, isGone: false };
    worker.on('message', (message: FromHasher) => {
      const waiting = lane.waiting.get(message.id);
      lane.waiting.delete(message.id);
      if (message.type === 'digests') waiting?.resolve(message);
      else waiting?.reject(new Error(message.message));
    });
    const gone = (reason: Error) => {
      lane.isGone = true;
      const at = this.#lanes.indexOf(lane);
      if (at !== -1) this.#lanes.splice(at, 1);
      for (const waiting of lane.waiting.values()) waiting.reject(reason);
      lane.waiting.clear();
    };
    worker.on('error', gone);
    worker.on('exit', () => gone(new Error('The thread that hashes uploads has ended')));
    return lane;
  }
}
