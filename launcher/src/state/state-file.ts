import { join } from 'node:path';
import { readJsonFile, writeFileAtomic } from '@go-agent/runtime/core';
import {
  type BundleState,
  decodeState,
  emptyState,
  type LaunchState,
  type StateKey,
} from './launch-state.ts';

/** The state and its file. Each change is on the disk before anything builds upon it. */
export class StateFile {
  readonly #path: string;
  #state: LaunchState;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, state: LaunchState) {
    this.#path = path;
    this.#state = state;
  }

  static async open(home: string): Promise<StateFile> {
    const path = join(home, 'data', 'state.json');
    const file = await readJsonFile(path, decodeState);
    return new StateFile(path, file.kind === 'ok' ? file.value : emptyState);
  }

  get state(): LaunchState {
    return this.#state;
  }

  /** Replaces the named fields of one bundle's state; a field given as undefined is removed. */
  update(
    key: StateKey,
    change: { readonly [Field in keyof BundleState]: BundleState[Field] | undefined },
  ): Promise<void> {
    const written = this.#writing.then(() => this.#update(key, change));
    // One after the other, since each builds upon what the one before has written.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #update(key: StateKey, change: object): Promise<void> {
    const merged: Record<string, unknown> = { ...this.#state[key], ...change };
    const next = {
      ...this.#state,
      [key]: Object.fromEntries(Object.entries(merged).filter(([, v]) => v !== undefined)),
    };
    const text = JSON.stringify(next, null, 2);
    if (text === JSON.stringify(this.#state, null, 2)) return;
    await writeFileAtomic(this.#path, `${text}\n`);
    this.#state = next;
  }
}
