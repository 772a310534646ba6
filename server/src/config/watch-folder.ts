import { watch } from 'node:fs/promises';
import type { Clock, Service } from '@go-agent/runtime/core';

/** Editors and git write a file in several steps; what they do within this time is one change. */
const SETTLE_MS = 50;

export interface WatchOptions {
  readonly name: string;
  readonly folder: string;
  readonly clock: Clock;
  /** The net under the watch: network file systems, and kernels out of watches, tell nothing. */
  readonly checkMs: number;
  /** Does nothing if nothing has changed. */
  changed(): Promise<void>;
  onError(error: unknown): void;
}

/** Calls `changed` soon after something in the folder may have changed, one call at a time. */
export function watchFolder(options: WatchOptions): Service {
  return {
    name: options.name,
    async run(signal) {
      let wake = new AbortController();
      const watching = pokeOnChange(options, signal, () => wake.abort());
      while (!signal.aborted) {
        await options.clock.sleep(options.checkMs, AbortSignal.any([signal, wake.signal]));
        if (wake.signal.aborted) await options.clock.sleep(SETTLE_MS, signal);
        if (signal.aborted) break;
        // What changes from here on may not be seen by this look any more.
        wake = new AbortController();
        await options.changed().catch((error: unknown) => options.onError(error));
      }
      await watching;
    },
  };
}

async function pokeOnChange(options: WatchOptions, signal: AbortSignal, poke: () => void): Promise<void> {
  try {
    for await (const _ of watch(options.folder, { recursive: true, signal })) poke();
  } catch (error) {
    // The periodic check goes on alone.
    if (!signal.aborted) options.onError(error);
  }
}
