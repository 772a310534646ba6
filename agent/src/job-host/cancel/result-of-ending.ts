import type { CancelReason } from '../../journal/format.ts';

/** The result of a job that was ended: one that was silent for too long has failed, any other was cancelled. */
export function resultOfEnding(cancelled: AbortSignal): 'Cancelled' | 'Failed' {
  return (cancelled.reason as CancelReason) === 'timed-out' ? 'Failed' : 'Cancelled';
}
