// Why a job for elastic agents waits, and what its plugin's answer makes of that.

import type { AssignDecision } from '@go-agent/protocol/elastic';

export interface ElasticWait {
  readonly action: 'assign' | 'hold' | 'wait' | 'decline' | 'unanswered';
  /** For people. */
  readonly reason: string;
  readonly answeredAt: number;
  readonly askAgainAt: number;
  /** Declined or not answered, in a row. */
  readonly failures: number;
}

const LEAST_MS = 1000;
/** A plugin is asked again after so long at the latest. */
export const LONGEST_WAIT_MS = 600_000;
const USUAL_MS = 30_000;
const FIRST_PATIENCE_MS = 2000;

/** @param before the last answer about this job */
export function waitAfter(
  decision: Exclude<AssignDecision, { readonly action: 'assign' }> | undefined,
  before: ElasticWait | undefined,
  now: number,
): ElasticWait {
  if (decision === undefined) {
    const reason = 'The plugin said nothing about this job.';
    return { action: 'wait', reason, answeredAt: now, askAgainAt: now + USUAL_MS, failures: 0 };
  }
  const { action, reason } = decision;
  const failures = action === 'decline' ? (before?.failures ?? 0) + 1 : 0;
  const own = action === 'decline' ? patience(failures) : USUAL_MS;
  return {
    action,
    reason: reason.slice(0, 2000),
    answeredAt: now,
    askAgainAt: now + clamp(decision.askAgainMs ?? own),
    failures,
  };
}

/** The plugin failed to answer, or answered what cannot be. */
export function waitUnanswered(reason: string, before: ElasticWait | undefined, now: number): ElasticWait {
  const failures = (before?.failures ?? 0) + 1;
  return { action: 'unanswered', reason, answeredAt: now, askAgainAt: now + patience(failures), failures };
}

/** 1 s to 10 min, whatever a plugin says. */
export function clamp(ms: number): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(LEAST_MS, ms));
}

/** Doubles with each failure. */
export function patience(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_PATIENCE_MS * 2 ** Math.min(failures - 1, 20));
}
