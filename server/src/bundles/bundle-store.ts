import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Clock, HashingTransform, type Logger, type Service } from '@go-agent/runtime';
import { fileIdentity } from './file-identity.ts';
import { orderReleases } from './order-releases.ts';
import { readBundleVersion } from './read-bundle-version.ts';
import type { OfferedBundle, Release } from './release.ts';
import { type BundlePlace, releasePlaces } from './release-places.ts';
import { TrustMirror } from './trust/trust-mirror.ts';

/** Looked at again this often, for folders whose changes are not announced (network file systems). */
const POLL_MS = 5000;
/** Nothing may have changed for this long after an announced change. */
const SETTLE_MS = 200;

export interface BundleStoreOptions {
  /** The operator's folder: zips, `releases/`, `metadata/`, `keys/`. */
  readonly source: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The releases that agents may be offered: copies, by digest, of the whole zips in the operator's folder. What is being written
 * there is not offered before it is a readable zip and lies still, nor what the metadata does not vouch for, since agents
 * would refuse it; what is offered stays the same to its last byte.
 */
export class BundleStore implements Service {
  readonly name = 'bundles';
  readonly trust: TrustMirror;
  readonly #options: BundleStoreOptions;
  readonly #copies: string;
  readonly #known = new Map<string, { readonly bundle: OfferedBundle; readonly seen: string }>();
  readonly #complained = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #releases: readonly Release[] = [];

  constructor(options: BundleStoreOptions) {
    this.#options = options;
    this.#copies = join(options.dataDir, 'bundles');
    const { source, clock, logger } = options;
    this.trust = new TrustMirror({ source, folder: join(options.dataDir, 'trust'), clock, logger });
  }

  /** Newest first. */
  get releases(): readonly Release[] {
    return this.#releases;
  }

  /** Called after each change of what is offered. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Makes the folders and offers what is there. */
  async open(): Promise<void> {
    await mkdir(this.#options.source, { recursive: true });
    await mkdir(this.#copies, { recursive: true });
    await this.trust.open();
    await this.refresh();
    await this.#removeOldCopies();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let changed = new AbortController();
    const watcher = this.#watch(() => changed.abort());
    try {
      while (!signal.aborted) {
        await clock.sleep(POLL_MS, AbortSignal.any([signal, changed.signal]));
        while (changed.signal.aborted && !signal.aborted) {
          changed = new AbortController();
          await clock.sleep(SETTLE_MS, AbortSignal.any([signal, changed.signal]));
        }
        if (!signal.aborted) await this.refresh().catch((error: unknown) => this.#report(error));
      }
    } finally {
      watcher?.close();
    }
  }

  /** Looks at the folder now. */
  async refresh(): Promise<void> {
    await this.trust.refresh();
    const groups: OfferedBundle[][] = [];
    const places = await releasePlaces(this.#options.source);
    for (const release of places) {
      const bundles: OfferedBundle[] = [];
      for (const place of release) {
        const bundle = await this.#look(place);
        if (bundle !== undefined && this.#isVouchedFor(bundle)) bundles.push(bundle);
      }
      groups.push(bundles);
    }
    const paths = new Set(places.flat().map(({ path }) => path));
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
    const releases = orderReleases(groups);
    if (sameDigests(releases, this.#releases)) return;
    this.#releases = releases;
    const offered = releases.map(({ version, bundles }) => [version, ...[...bundles.values()].map(short)]);
    this.#options.logger.info({ offered }, 'What agents may be offered has changed');
    for (const listener of this.#listeners) listener();
  }

  /** Undefined where it cannot be watched: a user may have so many watches and no more. */
  #watch(changed: () => void): FSWatcher | undefined {
    const { source, logger } = this.#options;
    const complain = (error: unknown) =>
      logger.warn({ err: error }, 'Cannot watch the bundles folder; it is polled');
    try {
      return watch(source, { persistent: false, recursive: true }, changed).on('error', complain);
    } catch (error) {
      complain(error);
      return undefined;
    }
  }

  /** The bundle of a file as it lies there; while a new one is being written, the last one that was whole. */
  async #look({ name, path }: BundlePlace): Promise<OfferedBundle | undefined> {
    const before = await fileIdentity(path);
    const known = this.#known.get(path);
    if (before === known?.seen) return known?.bundle;
    if (before === undefined) {
      this.#known.delete(path);
      return undefined;
    }
    const bundle = await this.#copy(name, path);
    if (bundle === undefined || (await fileIdentity(path)) !== before) return known?.bundle;
    this.#known.set(path, { bundle, seen: before });
    return bundle;
  }

  #isVouchedFor(bundle: OfferedBundle): boolean {
    if (this.trust.vouchesFor(bundle)) {
      this.#complained.delete(bundle.md5);
      return true;
    }
    if (!this.#complained.has(bundle.md5)) {
      const { name, md5, version } = bundle;
      this.#options.logger.warn(
        { bundle: name, md5, version, remedy: 'npm run release, or go-server release add' },
        'A bundle is not in the signed metadata, so agents would refuse it; it is not offered',
      );
    }
    this.#complained.add(bundle.md5);
    return false;
  }

  /** Undefined if it is no whole zip (yet). */
  async #copy(name: OfferedBundle['name'], path: string): Promise<OfferedBundle | undefined> {
    const temporary = join(this.#copies, `${randomBytes(8).toString('hex')}.tmp`);
    try {
      const hashing = new HashingTransform();
      await pipeline(createReadStream(path), hashing, createWriteStream(temporary, { mode: 0o644 }));
      const version = await readBundleVersion(temporary);
      if (version === undefined) return undefined;
      const { md5, sha256, bytes } = hashing.checksums;
      const copy = join(this.#copies, `${name}-${md5}.zip`);
      await rename(temporary, copy);
      return { name, md5, sha256, bytes, version: version || md5.slice(0, 8), path: copy };
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Of an earlier run of the server. Those of this run stay: somebody may still be reading them. */
  async #removeOldCopies(): Promise<void> {
    const current = new Set([...this.#known.values()].map(({ bundle }) => bundle.path));
    const files = (await readdir(this.#copies)).map((file) => join(this.#copies, file));
    await Promise.all(files.filter((file) => !current.has(file)).map((file) => rm(file, { force: true })));
  }

  #report(error: unknown): void {
    const { source, logger } = this.#options;
    logger.error({ err: error, folder: source }, 'Cannot read the bundles; the last ones stay offered');
  }
}

function short({ name, md5 }: OfferedBundle): string {
  return `${name} ${md5}`;
}

function sameDigests(a: readonly Release[], b: readonly Release[]): boolean {
  const text = (releases: readonly Release[]) =>
    JSON.stringify(
      releases.map(({ version, bundles }) => [version, [...bundles.values()].map(short).toSorted()]),
    );
  return text(a) === text(b);
}
