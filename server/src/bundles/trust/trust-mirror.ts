import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { signOnline, type Target, targetPath } from '@go-agent/protocol/trust';
import { type Clock, describeError, type Logger, writeFileAtomic } from '@go-agent/runtime';
import { fileIdentity } from '../file-identity.ts';
import type { OfferedBundle } from '../release.ts';
import { mergeTrust } from './merge-trust.ts';
import { readOnlineKeys } from './read-online-keys.ts';
import { readTrust, type Trust } from './read-trust.ts';
import { madeByMaker, readTrustFolder, removeUnfinished } from './trust-folder.ts';

/** How often signatures are looked at; they are made anew when half of their time is over. */
const CHECK_MS = 3_600_000;
/** An agent that has just read a timestamp still asks for the snapshot that it names, and for its targets. */
const KEPT_VERSIONS = 3;

export interface TrustMirrorOptions {
  /** The operator's folder: `metadata/` and `keys/online.json` of the newest release. Only read. */
  readonly source: string;
  /** The server's own: what it serves. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The metadata of The Update Framework as agents get it: the release maker's roots and targets, checked, and the server's own
 * snapshot and timestamp over them. What is served is in memory; on the disk each file is replaced in one step and the timestamp
 * comes last, so that a crash at any moment leaves something whole.
 */
export class TrustMirror {
  readonly #options: TrustMirrorOptions;
  #files: ReadonlyMap<string, Buffer> = new Map();
  #trust: Trust | undefined;
  #seen: string | undefined;
  #checkedAt = 0;
  #problem: string | undefined;

  constructor(options: TrustMirrorOptions) {
    this.#options = options;
  }

  /** The bytes of a document; undefined if there is none of this name. */
  file(name: string): Buffer | undefined {
    return this.#files.get(name);
  }

  /** Why what is in the operator's folder is not served; undefined if it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Whether agents will take this bundle. True for all where there is no metadata: then nothing is known. */
  vouchesFor({
    name,
    md5,
    sha256,
    bytes,
  }: Pick<OfferedBundle, 'name' | 'md5' | 'sha256' | 'bytes'>): boolean {
    if (this.#trust === undefined) return true;
    const target: Target | undefined = this.#trust.targets.targets[targetPath(name, md5)];
    return target?.length === bytes && target.hashes.sha256 === sha256;
  }

  /** Takes up what was served before the server stopped, signed anew: a backup may have brought back signatures of the past. */
  async open(): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    await removeUnfinished(this.#options.folder);
    await this.#renew(true);
    if (this.#trust === undefined) await this.#serveStored();
  }

  /** Looks whether there is something to do. Never rejects for what is wrong with a release: then the last one stays. */
  async refresh(): Promise<void> {
    const seen = await this.#identity();
    const isDue = this.#options.clock.monotonic() - this.#checkedAt >= CHECK_MS;
    if (seen !== this.#seen || isDue) await this.#renew(false);
  }

  async #renew(anew: boolean): Promise<void> {
    const { source, clock, logger } = this.#options;
    this.#seen = await this.#identity();
    this.#checkedAt = clock.monotonic();
    try {
      await this.#serve(anew);
      if (this.#problem !== undefined) logger.info('The metadata of the releases is good again');
      this.#problem = undefined;
    } catch (error) {
      const problem = describeError(error);
      if (problem !== this.#problem)
        logger.error(
          { err: error, source },
          'The metadata of the releases cannot be used; agents stay as they are',
        );
      this.#problem = problem;
    }
  }

  async #serve(renew: boolean): Promise<void> {
    const { source, folder, clock, logger } = this.#options;
    const stored = await readTrustFolder(folder);
    const incoming = madeByMaker(await readTrustFolder(join(source, 'metadata')));
    if (incoming.size === 0 && stored.size === 0) return;
    const merged = mergeTrust(madeByMaker(stored), incoming);
    const { anew } = merged;
    const trust = readTrust(merged.files);
    const files = withoutOld(merged.files, 'targets');
    if (anew) logger.warn({ source }, 'Another maker of releases: the metadata of the last one is given up');
    const before = anew ? files : new Map([...stored, ...files]);
    const keys = await readOnlineKeys(join(source, 'keys', 'online.json'), trust.root);
    const signed = signOnline({ files: before, keys, now: clock.now(), renew });
    if (anew) for (const name of stored.keys()) await rm(join(folder, name), { force: true });
    for (const [name, bytes] of [...files, ...signed]) {
      if (!anew && stored.get(name)?.equals(bytes) === true) continue;
      await writeFileAtomic(join(folder, name), bytes, { mode: 0o644 });
    }
    const all = new Map<string, Buffer>([...before, ...signed]);
    const served = withoutOld(withoutOld(all, 'targets'), 'snapshot');
    for (const name of all.keys()) if (!served.has(name)) await rm(join(folder, name), { force: true });
    this.#files = served;
    this.#trust = trust;
  }

  /** What was signed before may still be good, and is better than nothing. */
  async #serveStored(): Promise<void> {
    const stored = await readTrustFolder(this.#options.folder);
    try {
      this.#trust = readTrust(madeByMaker(stored));
      this.#files = stored;
    } catch {
      // Nothing that an agent would take either; what is wrong has been said.
    }
  }

  async #identity(): Promise<string> {
    const { source } = this.#options;
    const files = [...(await readTrustFolder(join(source, 'metadata'))).entries()];
    const keys = await fileIdentity(join(source, 'keys', 'online.json'));
    return JSON.stringify([keys, files.map(([name, bytes]) => [name, bytes.toString('base64')])]);
  }
}

/** Roots are needed for ever: an agent gets from one to the next. */
function withoutOld(files: ReadonlyMap<string, Buffer>, role: 'snapshot' | 'targets'): Map<string, Buffer> {
  const names = [...files.keys()].filter((name) => name.endsWith(`.${role}.json`));
  const newestFirst = names.toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  const old = new Set(newestFirst.slice(KEPT_VERSIONS));
  return new Map([...files].filter(([name]) => !old.has(name)));
}
