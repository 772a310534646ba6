import type { Clock, ProcessIdentity, ProcessTree } from '@go-agent/runtime/core';

const LOOK_MS = 20;

/** What is to be ended: all of the job's processes, or those of one task. */
export type EndableTree = Pick<ProcessTree, 'list' | 'signalAll' | 'killAll'>;

/**
 * Waits until no process is left, at most until `killAt` (monotonic milliseconds) or until `hurry` is aborted; kills what is left
 * then. The first signal has been sent already, and a second one would make some programs skip their clean-up.
 * @returns how many had to be killed, and what not even that has ended
 */
export async function endAfterGrace(
  tree: EndableTree,
  clock: Clock,
  killAt: number,
  hurry: AbortSignal,
): Promise<{ readonly killed: number; readonly survivors: readonly ProcessIdentity[] }> {
  let left = await tree.list();
  while (left.length > 0 && !hurry.aborted && clock.monotonic() < killAt) {
    await clock.sleep(Math.max(0, Math.min(LOOK_MS, killAt - clock.monotonic())), hurry);
    left = await tree.list();
  }
  const survivors = left.length > 0 ? await tree.killAll() : [];
  return { killed: left.length, survivors };
}
