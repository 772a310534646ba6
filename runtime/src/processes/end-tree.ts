import type { Clock } from '../clock.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { EndOptions, EndReport, ProcessTree } from './process-container.ts';

export const DEFAULT_KILL_MS = 5000;

/** The signal, the grace, SIGKILL: the same on every level. */
export async function endTree(
  tree: Pick<ProcessTree, 'level' | 'list' | 'signalAll' | 'killAll'>,
  { graceMs, signal = 'SIGTERM', killMs = DEFAULT_KILL_MS, hurry }: EndOptions,
  clock: Clock,
): Promise<EndReport> {
  if (graceMs > 0 && !hurry?.aborted) {
    await tree.signalAll(signal);
    await untilEmpty(() => tree.list(), graceMs, clock, hurry);
  }
  const late = await tree.list();
  const survivors = await tree.killAll(killMs);
  return { level: tree.level, killed: Math.max(0, late.length - survivors.length), survivors };
}

/** Resolves to what is left: nothing, as soon as that is so, or what there is at the deadline. */
export async function untilEmpty(
  list: () => Promise<readonly ProcessIdentity[]>,
  timeoutMs: number,
  clock: Clock,
  hurry?: AbortSignal,
): Promise<readonly ProcessIdentity[]> {
  let left: readonly ProcessIdentity[] = [];
  const isEmpty = async () => {
    left = await list();
    return left.length === 0;
  };
  await untilTrue(isEmpty, timeoutMs, clock, hurry);
  return left;
}

/** Looks again and again, at first after 2 ms, later each 50 ms, until it is so, the time is over or `hurry` aborted. */
export async function untilTrue(
  check: () => boolean | Promise<boolean>,
  timeoutMs: number,
  clock: Clock,
  hurry: AbortSignal = new AbortController().signal,
): Promise<void> {
  const deadline = clock.monotonic() + timeoutMs;
  for (let wait = 2; !(await check()); wait = Math.min(wait * 1.5, 50)) {
    const remaining = deadline - clock.monotonic();
    if (remaining <= 0 || !(await clock.sleep(Math.min(wait, remaining), hurry))) return;
  }
}
