import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats, watch } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { type Clock, HashingTransform, type Logger, type Service } from '@go-agent/runtime';
import { openPromise } from 'yauzl';
import { isMissing } from '../http/missing-file.ts';

/** Looked at again this often, for folders whose changes are not announced (network file systems). */
const POLL_MS = 5000;
/** Nothing may have changed for this long after an announced change. */
const SETTLE_MS = 200;

export interface OfferedBundle {
  readonly name: BundleName;
  /** Lower-case hex. */
  readonly md5: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Of a copy that never changes. */
  readonly path: string;
}

/**
 * The bundles that agents are offered: copies, by digest, of the whole zips in the operator's folder. What is being written
 * there is not offered before it is a readable zip and lies still; what is offered stays the same to its last byte.
 */
export class BundleStore implements Service {
  readonly name = 'bundles';
  readonly #source: string;
  readonly #copies: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #offered = new Map<BundleName, { readonly bundle: OfferedBundle; readonly seen: string }>();
  readonly #listeners = new Set<() => void>();

  constructor(
    source: string,
    dataDir: string,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#source = source;
    this.#copies = join(dataDir, 'bundles');
    this.#clock = clock;
    this.#logger = logger;
  }

  offered(name: BundleName): OfferedBundle | undefined {
    return this.#offered.get(name)?.bundle;
  }

  /** Called after each change of what is offered. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Makes the folders and offers what is there. */
  async open(): Promise<void> {
    await mkdir(this.#source, { recursive: true });
    await mkdir(this.#copies, { recursive: true });
    await this.refresh();
    await this.#removeOldCopies();
  }

  async run(signal: AbortSignal): Promise<void> {
    let changed = new AbortController();
    const watcher = watch(this.#source, { persistent: false }, () => changed.abort());
    watcher.on('error', (error) =>
      this.#logger.warn({ err: error }, 'Cannot watch the bundles folder; it is polled'),
    );
    try {
      while (!signal.aborted) {
        await this.#clock.sleep(POLL_MS, AbortSignal.any([signal, changed.signal]));
        while (changed.signal.aborted && !signal.aborted) {
          changed = new AbortController();
          await this.#clock.sleep(SETTLE_MS, AbortSignal.any([signal, changed.signal]));
        }
        if (!signal.aborted) await this.refresh().catch((error: unknown) => this.#report(error));
      }
    } finally {
      watcher.close();
    }
  }

  /** Looks at the folder now. */
  async refresh(): Promise<void> {
    const changes: boolean[] = [];
    for (const name of Object.values(BundleName)) changes.push(await this.#refreshOne(name));
    if (changes.includes(true)) for (const listener of this.#listeners) listener();
  }

  async #refreshOne(name: BundleName): Promise<boolean> {
    const path = join(this.#source, `${name}.zip`);
    const before = await identity(path);
    const known = this.#offered.get(name);
    if (before === known?.seen) return false;
    if (before === undefined) {
      this.#offered.delete(name);
      this.#logger.info({ bundle: name }, 'Bundle withdrawn');
      return true;
    }
    const bundle = await this.#copy(name, path);
    if (bundle === undefined || (await identity(path)) !== before) return false;
    this.#offered.set(name, { bundle, seen: before });
    if (bundle.md5 === known?.bundle.md5) return false;
    this.#logger.info({ bundle: name, md5: bundle.md5, bytes: bundle.bytes }, 'Bundle offered');
    return true;
  }

  /** Undefined if it is no whole zip (yet). */
  async #copy(name: BundleName, path: string): Promise<OfferedBundle | undefined> {
    const temporary = join(this.#copies, `${randomBytes(8).toString('hex')}.tmp`);
    try {
      const hashing = new HashingTransform();
      await pipeline(createReadStream(path), hashing, createWriteStream(temporary, { mode: 0o644 }));
      if (!(await isZip(temporary))) return undefined;
      const { md5, sha256, bytes } = hashing.checksums;
      const copy = join(this.#copies, `${name}-${md5}.zip`);
      await rename(temporary, copy);
      return { name, md5, sha256, bytes, path: copy };
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Of an earlier run of the server. Those of this run stay: somebody may still be reading them. */
  async #removeOldCopies(): Promise<void> {
    const current = new Set([...this.#offered.values()].map(({ bundle }) => bundle.path));
    const files = (await readdir(this.#copies)).map((file) => join(this.#copies, file));
    await Promise.all(files.filter((file) => !current.has(file)).map((file) => rm(file, { force: true })));
  }

  #report(error: unknown): void {
    this.#logger.error(
      { err: error, folder: this.#source },
      'Cannot read the bundles; the last ones stay offered',
    );
  }
}

async function isZip(path: string): Promise<boolean> {
  try {
    (await openPromise(path, { lazyEntries: true, autoClose: false })).close();
    return true;
  } catch {
    return false;
  }
}

/** Changes whenever the file may have. */
async function identity(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeMs, ctimeMs }: Stats = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
