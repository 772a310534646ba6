import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { type BackoffPolicy, backoffDelay } from '@go-agent/runtime/core';

/** How one launch ended. */
export interface LaunchEnd {
  /** A LaunchOutcome or the agent's exit status. */
  readonly code: number;
  readonly lastedMs: number;
  readonly message?: string;
}

/** What the supervisor remembers of the launches before this one. */
export interface History {
  /** Waits since the last good run. */
  readonly failures: number;
  /** Launches in a row that ended within {@link QUICK_MS}. */
  readonly quick: number;
}

export type NextStep =
  | { readonly type: 'stop' }
  | {
      readonly type: 'relaunch';
      readonly waitMs: number;
      readonly history: History;
      readonly crashLoop: boolean;
    };

export const noHistory: History = { failures: 0, quick: 0 };

const QUICK_MS = 5_000;
const GOOD_RUN_MS = 60_000;
/** A new launcher, then a new agent: two quick launches in a row are ordinary, one more may be chance. */
const QUICK_IN_A_ROW = 4;
const FAILURES_IN_A_ROW = 3;
const waits: BackoffPolicy = { firstMs: 1_000, factor: 2, maxMs: 10_000, jitter: 0.2 };
const atOnce: readonly number[] = [LaunchOutcome.relaunch, LaunchOutcome.replaced];

/** The outcome table of docs/launch-contract.md. */
export function nextStep(end: LaunchEnd, before: History, random: () => number = Math.random): NextStep {
  if (end.code === LaunchOutcome.stop) return { type: 'stop' };
  const quick = end.lastedMs < QUICK_MS ? before.quick + 1 : 0;
  const failures = end.lastedMs >= GOOD_RUN_MS ? 0 : before.failures;
  if (atOnce.includes(end.code) && quick < QUICK_IN_A_ROW) {
    return { type: 'relaunch', waitMs: 0, history: { failures, quick }, crashLoop: false };
  }
  return {
    type: 'relaunch',
    waitMs: backoffDelay(waits, failures, random),
    history: { failures: failures + 1, quick },
    crashLoop: failures + 1 >= FAILURES_IN_A_ROW,
  };
}
