import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RETRY_UPGRADES_FILE } from '@go-agent/protocol/launch-contract';
import type { LauncherFailure } from './core/pick-launcher.ts';
import type { SupervisorEvent } from './core/supervise.ts';

/** No write of a status takes so long. */
const STATUS_WRITE_MS = 10_000;

/**
 * What is kept of launchers beyond the end of this process: `data/launcher-failures.json`, since one may take the whole
 * process with it. And what is not to be kept: what killed bootstrappers left.
 */
export class LauncherMemory {
  /** For the supervisor, which keeps it up to date. */
  readonly failures: Map<string, LauncherFailure>;
  readonly #home: string;
  readonly #file: string;
  /** As they were before the launch that is under way. */
  #before: ReadonlyMap<string, LauncherFailure>;
  #launching: string | undefined;
  #folder: string | undefined;
  #written: string;

  constructor(home: string) {
    this.#home = home;
    this.#file = join(home, 'data', 'launcher-failures.json');
    this.failures = read(this.#file);
    this.#before = new Map(this.failures);
    this.#written = JSON.stringify([...this.failures]);
  }

  /** @param blameless a launch that has ended did so for a reason that says nothing about its launcher */
  note(event: SupervisorEvent, blameless = false): void {
    if (event.type === 'ended') this.#settle(blameless);
    this.#write();
    if (event.type === 'launching') {
      this.#launching = event.launcher.md5;
      this.#folder = event.folder;
    }
    // Beyond `locking` the launcher holds the home's lock: all other folders are leftovers.
    if (event.type === 'status' && event.status.phase !== 'locking' && this.#folder !== undefined) {
      void removeLeftovers(this.#home, this.#folder);
      this.#folder = undefined;
    }
  }

  /** What failed is tried again: by the supervisor at once, by the launcher at its next launch. @throws what the disk reports */
  forget(): void {
    writeFileSync(join(this.#home, 'data', RETRY_UPGRADES_FILE), '');
    this.failures.clear();
    this.#write();
  }

  #settle(blameless: boolean): void {
    // Where not one could be launched, all have been forgotten.
    const launched = this.#launching === undefined ? this.#before.keys() : [this.#launching];
    this.#launching = undefined;
    for (const md5 of blameless ? launched : []) {
      const before = this.#before.get(md5);
      if (before === undefined) this.failures.delete(md5);
      else this.failures.set(md5, before);
    }
    this.#before = new Map(this.failures);
  }

  #write(): void {
    const text = JSON.stringify([...this.failures]);
    if (text === this.#written) return;
    try {
      if (this.failures.size === 0) rmSync(this.#file, { force: true });
      else writeFileSync(this.#file, text);
      this.#written = text;
    } catch {
      // A disk that takes nothing makes it forget at the next start, and must stop nothing.
    }
  }
}

/** Damaged: each launcher gets its tries anew. */
function read(file: string): Map<string, LauncherFailure> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, LauncherFailure][]);
  } catch {
    return new Map();
  }
}

/** Never rejects: what cannot be removed now is removed at the next launch. */
async function removeLeftovers(home: string, own: string): Promise<void> {
  const data = join(home, 'data');
  for (const name of await readdir(data).catch(() => [])) {
    const path = join(data, name);
    // A status file that is being written is younger.
    const isLeft = name.endsWith('-agent-launcher') ? path !== own : await isOldStatus(name, path);
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isOldStatus(name: string, path: string): Promise<boolean> {
  if (!/^bootstrapper\.json\.[0-9a-f]+\.tmp$/.test(name)) return false;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > STATUS_WRITE_MS;
}
