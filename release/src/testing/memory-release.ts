import { createHash } from 'node:crypto';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import {
  generateSigningKey,
  type OnlineKeys,
  type SigningKey,
  signOnline,
  type Target,
  type Targets,
  targetPath,
} from '@go-agent/protocol/trust';
import { firstRoot, nextRoot, readNewestRoot } from '../root-document.ts';
import { signTargets } from '../targets-document.ts';

export interface MemoryReleaseOptions {
  /** When the first root is signed, in ms since the epoch. Default: now. */
  readonly now?: number;
  /** How long it is valid. */
  readonly rootDays?: number;
  /** Default: a random one each time. */
  readonly newKey?: () => SigningKey;
}

export interface SignOptions {
  /** When it is signed, in ms since the epoch. Default: now. */
  readonly now?: number;
  /** Default 365. */
  readonly targetsDays?: number;
}

/** Keys and metadata of a release maker and its server, in memory. One targets key; two of three root keys must sign. */
export class MemoryRelease {
  root: readonly SigningKey[];
  targets: readonly SigningKey[];
  online: OnlineKeys;
  readonly roots = new Map<string, Buffer>();
  readonly #newKey: () => SigningKey;
  readonly #listed = new Map<string, Target>();
  #files: ReadonlyMap<string, Buffer> = new Map();

  constructor({ now = Date.now(), rootDays, newKey = generateSigningKey }: MemoryReleaseOptions = {}) {
    this.#newKey = newKey;
    ({ root: this.root, targets: this.targets, online: this.online } = this.#newKeys());
    const keys = { root: this.root, targets: this.targets, ...this.online };
    const signers = this.root.slice(0, 2);
    this.roots.set('1.root.json', firstRoot({ keys, threshold: 2, signers, now, days: rootDays }));
  }

  /** What a bootstrapper carries that was made today. */
  get newestRoot(): Buffer {
    const bytes = this.roots.get(`${readNewestRoot(this.roots).version}.root.json`);
    if (bytes === undefined) throw new Error('There is a root from the beginning');
    return bytes;
  }

  /** All metadata as it was last signed. */
  get files(): ReadonlyMap<string, Buffer> {
    return this.#files;
  }

  list(name: BundleName, zip: Buffer, version = '1'): void {
    const [md5, sha256] = [hex('md5', zip), hex('sha256', zip)];
    this.#listed.set(targetPath(name, md5), { length: zip.length, hashes: { sha256 }, custom: { version } });
  }

  unlist(name: BundleName, zip: Buffer): void {
    this.#listed.delete(targetPath(name, hex('md5', zip)));
  }

  /** Signs all that is listed; what was signed before is outdated. */
  sign({ now = Date.now(), targetsDays }: SignOptions = {}): ReadonlyMap<string, Buffer> {
    const targets: Targets['targets'] = Object.fromEntries(this.#listed);
    const versions = [...this.#files.keys()].filter((name) => name.endsWith('.targets.json'));
    const list = signTargets({
      targets,
      previousVersion: Math.max(0, ...versions.map((name) => Number.parseInt(name, 10))),
      root: readNewestRoot(this.roots),
      keys: this.targets,
      now,
      days: targetsDays,
    });
    const files = new Map([...this.#files, ...this.roots, [list.name, list.bytes]]);
    for (const [name, bytes] of signOnline({ files, keys: this.online, now })) files.set(name, bytes);
    this.#files = files;
    return files;
  }

  /** New keys for all roles, and the root that says so. Sign anew afterwards. */
  rotate(): Buffer {
    const previous = readNewestRoot(this.roots);
    const oldSigners = this.root.slice(0, 2);
    ({ root: this.root, targets: this.targets, online: this.online } = this.#newKeys());
    const bytes = nextRoot({
      previous,
      keys: { root: this.root, targets: this.targets, ...this.online },
      threshold: 2,
      signers: [...oldSigners, ...this.root.slice(0, 2)],
      now: Date.now(),
    });
    this.roots.set(`${previous.version + 1}.root.json`, bytes);
    return bytes;
  }

  #newKeys() {
    const keys = (count: number) => Array.from({ length: count }, this.#newKey);
    return { root: keys(3), targets: keys(1), online: { snapshot: keys(1), timestamp: keys(1) } };
  }
}

function hex(algorithm: 'md5' | 'sha256', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
