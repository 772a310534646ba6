import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { hashFile, syncFolder } from '@go-agent/runtime';
import { readBundle } from './read-bundle.ts';

/** The downloaded launchers: `data/launcher/<md5>.zip`, from which the bootstrapper unpacks its temporary copy. */
export class LauncherStore {
  readonly #folder: string;

  constructor(home: string) {
    this.#folder = join(home, 'data', 'launcher');
  }

  /**
   * Takes over a downloaded zip whose MD5 is known to be `md5`, and whose bytes are on the disk.
   * @throws AppError launcher-bundle-refused
   */
  async add(zip: string, md5: string): Promise<void> {
    await readBundle(BundleName.launcher, zip);
    await mkdir(this.#folder, { recursive: true });
    await rename(zip, this.#file(md5));
    await syncFolder(this.#folder);
  }

  async has(md5: string): Promise<boolean> {
    return (await hashFile(this.#file(md5), 'md5').catch(() => undefined)) === md5;
  }

  async prune(keep: readonly (string | undefined)[]): Promise<void> {
    const kept = keep.map((md5) => `${md5}.zip`);
    for (const name of await readdir(this.#folder).catch(() => [])) {
      if (!kept.includes(name)) await rm(join(this.#folder, name), { force: true });
    }
  }

  #file(md5: string): string {
    return join(this.#folder, `${md5}.zip`);
  }
}
