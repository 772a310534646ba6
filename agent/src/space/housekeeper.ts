import { lutimes, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@go-agent/runtime';
import { type Clock, describeError } from '@go-agent/runtime/core';
import { listJobFolders } from '../journal/job-folder.ts';
import { chooseRemovals, type MeasuredFolder, type Removal, type SpaceLimits } from './choose-removals.ts';
import { isRealFolder, type KeptFolder, keptIn, listAbandoned, listKeptFolders } from './kept-folder.ts';
import { measureTree } from './measure-tree.ts';
import { currentFolders, isOccupied } from './occupied-folders.ts';
import { type Owner, removeGoing, setGoing } from './remove-folder.ts';
import { SizeLedger } from './size-ledger.ts';
import { removeStalePipes } from './stale-pipes.ts';

export interface HousekeeperOptions {
  /** Absolute. */
  readonly home: string;
  /** Absolute path of the folder for temporary files. */
  readonly temporary: string;
  readonly limits: SpaceLimits;
  /** The user as whom jobs run, if that is another one. */
  readonly owner?: Owner;
  /** Takes the lock of a folder without waiting; undefined if somebody has it. */
  readonly tryLock: (path: string) => Disposable | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

// While nothing happens nothing grows; only age has to be looked after.
const LOOK_AGAIN_MS = 600_000;

/** Keeps workspaces and caches within their bounds while the agent has no job. */
export class Housekeeper {
  readonly #options: HousekeeperOptions;
  #dueAt = -Infinity;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  /** A job has used its working folder, whose absolute path this is, until now. */
  async noteUse(workingDir: string): Promise<void> {
    const now = this.#options.clock.now() / 1000;
    if (await isRealFolder(workingDir)) await lutimes(workingDir, now, now).catch(() => undefined);
    this.#dueAt = -Infinity;
  }

  /**
   * Removes what is too old or too much, if it is time to look. Ends early at abort, with nothing half-done. Never rejects.
   * @param lackingBytes what the disk lacks for the next job; then it is always time
   */
  async tidy(signal: AbortSignal, lackingBytes = 0): Promise<void> {
    const { clock, log, home } = this.#options;
    if (clock.monotonic() < this.#dueAt && lackingBytes === 0) return;
    try {
      // A job that is still to be delivered, or whose host still runs, has its folder in use.
      if ((await listJobFolders(home)).length > 0) return;
      await this.#tidy(signal, lackingBytes);
      // What it has set going is still there.
      signal.throwIfAborted();
      this.#dueAt = clock.monotonic() + LOOK_AGAIN_MS;
    } catch (error) {
      if (!signal.aborted) log.warn(`Old workspaces could not be removed: ${describeError(error)}`);
    }
  }

  async #tidy(signal: AbortSignal, lackingBytes: number): Promise<void> {
    const { home, limits, owner, clock, log } = this.#options;
    for (const folder of await listAbandoned(home)) await this.#setGoing(folder);
    await this.#finishRemovals(signal);
    await removeStalePipes(this.#options.temporary, clock.now(), signal, owner);
    const kept = await listKeptFolders(home);
    const ledger = await SizeLedger.open(join(home, 'data', 'space.json'));
    try {
      const folders = await measure(kept, ledger, signal);
      await this.#remove(chooseRemovals(folders, limits, clock.now(), lackingBytes), signal);
    } finally {
      // Also what was measured until an abort. After the removals, since a full disk takes nothing before them; without it all is
      // measured again.
      await ledger.save(kept.map(({ path }) => path)).catch((error: unknown) => {
        log.warn(`The sizes of workspaces cannot be noted: ${describeError(error)}`);
      });
    }
  }

  async #remove(
    removals: readonly Removal<MeasuredFolder & KeptFolder>[],
    signal: AbortSignal,
  ): Promise<void> {
    if (removals.length === 0) return;
    const current = await currentFolders();
    for (const folder of removals) {
      const { path, bytes, why, usedAt } = folder;
      signal.throwIfAborted();
      if (isOccupied(await realpath(path), current)) continue;
      if (!(await this.#setGoing(folder))) continue;
      const unusedSince = new Date(usedAt).toISOString();
      this.#options.log.info(
        { path, bytes, unusedSince },
        `A folder that can be made again is removed for its ${why}`,
      );
    }
    await this.#finishRemovals(signal);
  }

  /** False if somebody uses it. */
  async #setGoing({ path, lock }: Pick<KeptFolder, 'path' | 'lock'>): Promise<boolean> {
    using held = lock === undefined ? undefined : this.#options.tryLock(lock);
    if (lock !== undefined && held === undefined) return false;
    await setGoing(path);
    return true;
  }

  async #finishRemovals(signal: AbortSignal): Promise<void> {
    const { home, owner, log } = this.#options;
    for (const parent of keptIn(home)) {
      // Jobs that were put aside, and journals, are the agent's own.
      const of = parent === join(home, 'jobs') ? undefined : owner;
      const left = await removeGoing(parent, signal, of);
      if (left.length > 0)
        log.warn({ left }, 'These folders cannot be removed; files of another user may be in them');
    }
  }
}

async function measure(
  folders: readonly KeptFolder[],
  ledger: SizeLedger,
  signal: AbortSignal,
): Promise<readonly (MeasuredFolder & KeptFolder)[]> {
  const measured: (MeasuredFolder & KeptFolder)[] = [];
  for (const folder of folders) {
    const bytes = ledger.get(folder) ?? (await measureTree(folder.path, signal));
    ledger.set(folder, bytes);
    measured.push({ ...folder, bytes });
  }
  return measured;
}
