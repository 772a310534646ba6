// Who polls when: a few polls at a time, and repositories that do not answer must not hold all the places.

import { Gate } from './gate.ts';

export class PollPlaces<T> {
  readonly #places: Gate;
  readonly #silent = new Gate(1);
  readonly #waiting = new Map<string, Promise<T>>();

  /** @param places how many polls may go on at a time */
  constructor(places: number) {
    this.#places = new Gate(places);
  }

  isWaiting(fingerprint: string): boolean {
    return this.#waiting.has(fingerprint);
  }

  /**
   * Polls as soon as there is a place; a poll of the same material that waits for its place already is as good.
   * @param isSilent the repository did not answer the last time: all of these share one place, as each may hold it until git's deadline
   */
  run(fingerprint: string, isSilent: boolean, poll: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(fingerprint);
    if (waiting !== undefined) return waiting;
    // Not within this call, so that it is noted as one that waits before it stops to be one.
    const result = Promise.resolve().then(() => this.#run(fingerprint, isSilent, poll));
    this.#waiting.set(fingerprint, result);
    return result;
  }

  #run(fingerprint: string, isSilent: boolean, poll: () => Promise<T>): Promise<T> {
    const inPlace = () =>
      this.#places.run(() => {
        this.#waiting.delete(fingerprint);
        return poll();
      });
    return isSilent ? this.#silent.run(inPlace) : inPlace();
  }
}
