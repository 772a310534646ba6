import type { Clock, ProcessContainer } from '@go-agent/runtime/core';

const LOOK_MS = 20;
const NEVER = new AbortController().signal;

/**
 * Waits until no process is left, at most until `killAt` (monotonic milliseconds); kills what is left then. The first signal has been
 * sent already, and a second one would make some programs skip their clean-up.
 * @returns how many had to be killed
 */
export async function endAfterGrace(
  container: ProcessContainer,
  clock: Clock,
  killAt: number,
): Promise<number> {
  let left = await container.list();
  while (left.length > 0 && clock.monotonic() < killAt) {
    await clock.sleep(Math.min(LOOK_MS, killAt - clock.monotonic()), NEVER);
    left = await container.list();
  }
  if (left.length > 0) await container.killAll();
  return left.length;
}
