import {
  type Clock,
  comparePlace,
  isAlive,
  type ProcessPlace,
  processPlace,
  readJsonFile,
  writeFileAtomic,
} from '@go-agent/runtime/core';
import type { SupervisorEvent } from './core/supervise.ts';
import { type BootstrapperStatus, decodeStatus, nextStatus, statusAsOf } from './status.ts';

/**
 * Keeps `data/bootstrapper.json` up to date for the operator's commands. Written only if a launcher of ours holds the
 * lock or if no other live bootstrapper wrote it: a second one in the same home must not overwrite the first one's.
 */
export class StatusFile {
  readonly #path: string;
  readonly #clock: Clock;
  #status: BootstrapperStatus;
  #writing: Promise<void> | undefined;
  #dirty = false;
  #held = false;
  #launchedMonotonic: number | undefined;

  constructor(path: string, clock: Clock, initial: BootstrapperStatus) {
    this.#path = path;
    this.#clock = clock;
    this.#status = initial;
  }

  get current(): BootstrapperStatus {
    const now = this.#clock.monotonic();
    return statusAsOf(this.#status, now - (this.#launchedMonotonic ?? now));
  }

  update(event: SupervisorEvent): void {
    this.#status = nextStatus(this.#status, event, this.#clock.now());
    if (event.type === 'launching') this.#launchedMonotonic = this.#clock.monotonic();
    if (event.type === 'status') this.#held = event.status.phase !== 'locking';
    if (event.type === 'ended') this.#held = false;
    this.save();
  }

  /** Writes soon; a write that is under way is followed by one more. */
  save(): void {
    this.#dirty = true;
    this.#writing ??= this.#write();
  }

  /** Resolves when all is written. Never rejects. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      try {
        const place = await processPlace();
        if (!this.#held && (await this.#isAnothers(place))) continue;
        await writeFileAtomic(this.#path, `${JSON.stringify({ ...this.#status, place }, null, 2)}\n`);
      } catch {
        // A full or read-only disk makes `status` stale, and must stop nothing.
      }
    }
    this.#writing = undefined;
  }

  async #isAnothers(here: ProcessPlace): Promise<boolean> {
    const file = await readJsonFile(this.#path, decodeStatus);
    if (file.kind !== 'ok') return false;
    const { process, place = {} } = file.value;
    // Whether that one lives is found out by the lock.
    if (comparePlace(place, here) === 'foreign') return true;
    return process.pid !== this.#status.process.pid && isAlive(process);
  }
}
