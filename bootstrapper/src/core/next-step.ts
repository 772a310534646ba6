import { LaunchOutcome } from '@go-agent/protocol/launch-numbers';
import type { LauncherEnd } from './launcher-worker.ts';

export type LaunchEnd = LauncherEnd & { readonly lastedMs: number };

/** Of the launches before this one: waits since the last good run, and launches in a row that ended quickly. */
export interface History {
  readonly failures: number;
  readonly quick: number;
}

export interface Relaunch {
  readonly waitMs: number;
  readonly history: History;
  readonly crashLoop: boolean;
}

const QUICK_MS = 5_000;
const GOOD_RUN_MS = 60_000;
/** A new launcher, then a new agent: two quick launches in a row are ordinary, one more may be chance. */
const QUICK_IN_A_ROW = 4;
const FAILURES_IN_A_ROW = 3;
const [FIRST_WAIT_MS, LAST_WAIT_MS, JITTER] = [1_000, 10_000, 0.2];

/** The outcome table of docs/launch-contract.md. `stop`: no relaunch helps. */
export function nextStep(end: LaunchEnd, before: History, random: () => number): 'stop' | Relaunch {
  if (end.code === LaunchOutcome.stop) return 'stop';
  const quick = end.lastedMs < QUICK_MS ? before.quick + 1 : 0;
  const failures = end.lastedMs >= GOOD_RUN_MS ? 0 : before.failures;
  const atOnce = end.code === LaunchOutcome.relaunch || end.code === LaunchOutcome.replaced;
  if (atOnce && quick < QUICK_IN_A_ROW) return { waitMs: 0, history: { failures, quick }, crashLoop: false };
  const fullMs = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
  const waitMs = Math.round(fullMs * (1 - JITTER * random()));
  return { waitMs, history: { failures: failures + 1, quick }, crashLoop: failures + 1 >= FAILURES_IN_A_ROW };
}
