import { type Clock, isAlive, readJsonFile, writeFileAtomic } from '@go-agent/runtime/core';
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

  constructor(path: string, clock: Clock, initial: BootstrapperStatus) {
    this.#path = path;
    this.#clock = clock;
    this.#status = initial;
  }

  get current(): BootstrapperStatus {
    return statusAsOf(this.#status, this.#clock.now());
  }

  update(event: SupervisorEvent): void {
    this.#status = nextStatus(this.#status, event, this.#clock.now());
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
        if (!this.#held && (await this.#isAnothers())) continue;
        await writeFileAtomic(this.#path, `${JSON.stringify(this.#status, null, 2)}\n`);
      } catch {
        // A full or read-only disk makes `status` stale, and must stop nothing.
      }
    }
    this.#writing = undefined;
  }

  async #isAnothers(): Promise<boolean> {
    const file = await readJsonFile(this.#path, decodeStatus);
    if (file.kind !== 'ok' || file.value.process.pid === this.#status.process.pid) return false;
    return isAlive(file.value.process);
  }
}
