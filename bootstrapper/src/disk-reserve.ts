import { existsSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, describeError, hasRoom, takeRoom } from '@go-agent/runtime/core';
import type { SupervisorEvent } from './core/supervise.ts';
import type { JsonLog } from './json-log.ts';

/** Of 64 KiB, 2 MiB in all: an unpacked launcher, both locks, the files of state, and some logs. */
const PIECES = 32;
/** So much is left, at least, when it is made again. */
const PLENTY_BYTES = 64 * 1024 * 1024;
const LOOK_EVERY_MS = 60_000;

/**
 * Room on the disk that is kept for the day when it is full: only an agent clears up, and to get as far as that, launcher and agent have
 * to write a little. `data/reserve/`, given up when a launch fails for lack of room, made again when there is plenty.
 */
export class DiskReserve {
  readonly #data: string;
  readonly #folder: string;
  readonly #unfinished: string;
  readonly #clock: Clock;
  readonly #log: JsonLog;
  #lookAt = -Infinity;

  constructor(home: string, clock: Clock, log: JsonLog) {
    this.#data = join(home, 'data');
    this.#folder = join(this.#data, 'reserve');
    this.#unfinished = `${this.#folder}.new`;
    this.#clock = clock;
    this.#log = log;
  }

  /** Before anything else is written: what is started anew may have ended for lack of room. */
  open(): void {
    if (!this.#giveUpIfFull()) this.#make();
  }

  /** @returns true if what has ended had no room on the disk, so that its end says nothing about it */
  note(event: SupervisorEvent): boolean {
    if (event.type === 'status' && event.status.phase === 'running') this.#make();
    if (event.type !== 'ended' || event.step === 'stop' || event.step.waitMs === 0) return false;
    return this.#giveUpIfFull() || !hasRoom(this.#data);
  }

  /** False also if there is nothing more to give up. */
  #giveUpIfFull(): boolean {
    const kept = [this.#folder, this.#unfinished].filter((folder) => existsSync(folder));
    if (kept.length === 0 || hasRoom(this.#data, PIECES)) return false;
    try {
      for (const folder of kept) rmSync(folder, { recursive: true, force: true });
      this.#log('warn', `The disk of ${this.#data} is full: the reserve that was kept there is given up`);
    } catch (error) {
      this.#log('error', `The disk is full, and ${this.#folder} cannot be removed: ${describeError(error)}`);
    }
    return true;
  }

  #make(): void {
    const now = this.#clock.monotonic();
    if (now < this.#lookAt) return;
    this.#lookAt = now + LOOK_EVERY_MS;
    try {
      const { bavail, bsize } = statfsSync(this.#data);
      if (bavail * bsize < PLENTY_BYTES || existsSync(this.#folder)) return;
      // Whole or not at all, also if this process is killed meanwhile.
      if (takeRoom(this.#unfinished, PIECES)) renameSync(this.#unfinished, this.#folder);
    } catch (error) {
      this.#log('warn', `No room can be kept for a full disk: ${describeError(error)}`);
    }
  }
}
