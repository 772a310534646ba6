import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import {
  expiryDate,
  generateSigningKey,
  type Root,
  type SigningKey,
  SPEC_VERSION,
  signDocument,
  type Target,
  type Targets,
  targetPath,
} from '@go-agent/protocol/trust';
import { zipOf } from '../../testing/multipart.ts';

const YEAR_MS = 365 * 86_400_000;

/** Makes signed releases as `npm run release` does, one after the other. */
export class ReleaseMaker {
  readonly online = { snapshot: [generateSigningKey()], timestamp: [generateSigningKey()] };
  readonly targetsKey = generateSigningKey();
  readonly #targets: Record<string, Target> = {};
  readonly #roots = new Map<string, Buffer>();
  #rootKeys = [generateSigningKey()];
  #targetsVersion = 0;

  constructor() {
    this.#addRoot(this.#rootKeys);
  }

  /** The next root has another key; the old one signs it, too. */
  rotateRoot(): void {
    const old = this.#rootKeys;
    this.#rootKeys = [generateSigningKey()];
    this.#addRoot([...old, ...this.#rootKeys]);
  }

  /** Writes a release folder, with all metadata and the online keys; lists all releases made so far. */
  async release(
    folder: string,
    version: string,
    expiresAt = Date.now() + YEAR_MS,
    content = '',
  ): Promise<void> {
    for (const name of [BundleName.agent, BundleName.launcher]) {
      const zip = await bundleZip(name, version, content);
      this.#targets[targetPath(name, digest('md5', zip))] = {
        length: zip.length,
        hashes: { sha256: digest('sha256', zip) },
        custom: { version },
      };
      await put(folder, `${name}.zip`, zip);
    }
    this.#targetsVersion += 1;
    for (const [name, bytes] of this.#roots) await put(folder, `metadata/${name}`, bytes);
    await put(folder, `metadata/${this.#targetsVersion}.targets.json`, this.targets(expiresAt));
    await put(folder, 'keys/online.json', JSON.stringify(this.online));
    await chmod(join(folder, 'keys/online.json'), 0o600);
  }

  /** The newest list, signed; with another key if one is given. */
  targets(expiresAt = Date.now() + YEAR_MS, key: SigningKey = this.targetsKey): Buffer {
    const signed: Targets = {
      _type: 'targets',
      spec_version: SPEC_VERSION,
      version: this.#targetsVersion,
      expires: expiryDate(expiresAt),
      targets: { ...this.#targets },
    };
    return signDocument(signed, [key]);
  }

  #addRoot(signers: readonly SigningKey[]): void {
    const { snapshot, timestamp } = this.online;
    const roles = { root: this.#rootKeys, targets: [this.targetsKey], snapshot, timestamp };
    const version = this.#roots.size + 1;
    const of = (keys: readonly SigningKey[]) => ({ keyids: keys.map(({ keyid }) => keyid), threshold: 1 });
    const signed: Root = {
      _type: 'root',
      spec_version: SPEC_VERSION,
      version,
      expires: expiryDate(Date.now() + 10 * YEAR_MS),
      consistent_snapshot: true,
      keys: Object.fromEntries(
        Object.values(roles)
          .flat()
          .map((key) => [key.keyid, key.public]),
      ),
      roles: {
        root: of(roles.root),
        targets: of(roles.targets),
        snapshot: of(snapshot),
        timestamp: of(timestamp),
      },
    };
    this.#roots.set(`${version}.root.json`, signDocument(signed, signers));
  }
}

export function bundleZip(
  name: BundleName,
  version: string,
  content = `${name} ${version}`,
): Promise<Buffer> {
  const manifest = { name, version, contract: 1, entry: 'main.js', files: {} };
  return zipOf({ 'manifest.json': JSON.stringify(manifest), 'main.js': `${name} ${content}` });
}

export function digest(algorithm: 'md5' | 'sha256', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

async function put(folder: string, name: string, bytes: Buffer | string): Promise<void> {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), bytes);
}
