import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BundleManifest, BundleName } from '@go-agent/protocol/launch-contract';
import { hashFile, syncFolder } from '@go-agent/runtime';
import { isMd5 } from '../state/launch-state.ts';
import type { ReachStep } from '../swap-step.ts';
import { readBundle } from './read-bundle.ts';

/** A version that is unpacked and whole. */
export interface InstalledVersion {
  readonly md5: string;
  readonly version: string;
  /** Absolute path of the module that exports `main`. */
  readonly entry: string;
}

const MANIFEST = 'manifest.json';

/** The unpacked versions of one bundle: `data/<name>/<md5>/`, each complete from the moment that it has its name. */
export class InstalledVersions {
  readonly #name: BundleName;
  readonly #folder: string;

  constructor(home: string, name: BundleName) {
    this.#name = name;
    this.#folder = join(home, 'data', name);
  }

  /**
   * Unpacks a zip whose MD5 is known to be `md5`.
   * @throws AppError launcher-bundle-refused; nothing is left behind then
   */
  async install(zip: string, md5: string, reached?: ReachStep): Promise<InstalledVersion> {
    const { manifest, files } = await readBundle(this.#name, zip);
    const temporary = join(this.#folder, `.${randomUUID()}.tmp`);
    const target = join(this.#folder, md5);
    try {
      const all = new Map([...files, [MANIFEST, Buffer.from(JSON.stringify(manifest))]]);
      const folders = new Set<string>();
      for (const [path, bytes] of all) {
        const file = join(temporary, path);
        folders.add(dirname(file));
        await mkdir(dirname(file), { recursive: true, mode: 0o755 });
        await writeDurably(file, bytes);
        await reached?.('unpacking');
      }
      for (const folder of folders) await syncFolder(folder);
      await reached?.('unpacked');
      // There only if it was found damaged.
      await rm(target, { recursive: true, force: true });
      await rename(temporary, target);
      await syncFolder(this.#folder);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
    return { md5, version: manifest.version, entry: join(target, manifest.entry) };
  }

  /** Unpacks a zip unless its content is here already, whole. */
  async installCarried(zip: string): Promise<InstalledVersion> {
    const md5 = await hashFile(zip, 'md5');
    return (await this.find(md5)) ?? (await this.install(zip, md5));
  }

  /** A version that is here with every file as the manifest says; undefined if not. */
  async find(md5: string): Promise<InstalledVersion | undefined> {
    const folder = join(this.#folder, md5);
    try {
      const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as BundleManifest;
      for (const [path, digest] of Object.entries(manifest.files)) {
        const bytes = await readFile(join(folder, path));
        if (createHash('sha256').update(bytes).digest('hex') !== digest.toLowerCase()) return undefined;
      }
      return { md5, version: manifest.version, entry: join(folder, manifest.entry) };
    } catch {
      return undefined;
    }
  }

  /** The names that are here, whole or not. */
  async list(): Promise<string[]> {
    return (await readdir(this.#folder).catch(() => [])).filter(isMd5);
  }

  /** Removes all versions but those named, and what an interrupted install left. */
  async prune(keep: readonly (string | undefined)[]): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const removed = names.filter((name) => !keep.includes(name));
    for (const name of removed) await rm(join(this.#folder, name), { recursive: true, force: true });
    return removed;
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, 'wx', 0o644);
  await handle.writeFile(bytes);
  await handle.sync();
}
