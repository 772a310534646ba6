import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from './clock.ts';
import { freePages } from './free-pages.ts';

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** By then what is only needed for a start is done, and work that comes one after the other has come. */
const FIRST_MS = 10_000;
/** By then what was still needed the first time is not. */
const SECOND_MS = 45_000;
/** Doing next to nothing makes next to no garbage. */
const AGAIN_MS = 3_600_000;
/** V8's other threads go on for a while with what a collection has begun. */
const SWEPT_MS = 5000;

/**
 * For a thread that only waits from now on: in a while, and then now and again, gives back what was needed for a start, or for the
 * last job, and is needed no longer. While a process does nothing it allocates nothing, so its garbage would stay. Until there is
 * something to do, V8 optimises nothing either: what is called every few seconds is no faster for it, and the compilers take
 * processor time and several MB each time. Never rejects.
 */
export async function trimWhileWaiting(
  clock: Clock,
  signal: AbortSignal,
  log?: { debug(message: string): void },
): Promise<void> {
  const waits = [FIRST_MS, SECOND_MS];
  let isLean = false;
  try {
    while (await clock.sleep(waits.shift() ?? AGAIN_MS, signal)) {
      isLean = true;
      optimise(false);
      collectGarbage();
      if (!(await clock.sleep(SWEPT_MS, signal))) return;
      const reason = freePages();
      if (reason !== undefined) log?.debug(`Garbage is collected, but no memory given back: ${reason}`);
    }
  } finally {
    // Work that comes soon shall not wait for it.
    if (isLean) optimise(true);
  }
}

function optimise(isWanted: boolean): void {
  for (const compiler of ['maglev', 'turbofan']) setFlagsFromString(`--${isWanted ? '' : 'no-'}${compiler}`);
}

/** Takes some 20 ms: only for when there is nothing to do. */
export function collectGarbage(): void {
  // What is compiled stays: the next job shall not wait for it.
  setFlagsFromString('--no-flush-bytecode');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect | undefined;
  setFlagsFromString('--no-expose-gc');
  collect?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
