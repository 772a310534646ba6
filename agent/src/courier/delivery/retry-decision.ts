import type { ServerErrorCode } from '../server/server-error.ts';

export type RetryDecision = 'again' | 'skip' | 'superseded';

// A server that is away is waited for as long as it takes. One that answers the same request with an error for so
// long (an old server may do so for a job that was deleted meanwhile) would keep the agent from work for ever.
const GIVE_UP_FAILED_MS = 4 * 3_600_000;

/** @param failedForMs for how long the server has answered this request with an error of its own, without a break */
export function retryDecision(code: ServerErrorCode, failedForMs: number): RetryDecision {
  switch (code) {
    case 'server-superseded':
      return 'superseded';
    case 'server-refused':
      return 'skip';
    case 'server-failed':
      return failedForMs >= GIVE_UP_FAILED_MS ? 'skip' : 'again';
    case 'server-unreachable':
    case 'server-unavailable':
    case 'server-too-large':
    case 'server-forbidden':
    case 'server-cookie':
    case 'server-answer':
      return 'again';
  }
}
