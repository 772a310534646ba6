import { type BackoffPolicy, backoffDelay } from '@go-agent/runtime/core';

/**
 * How one turn of the work loop ended. `held`: the server has nothing, and waited before it said so. `quick`: it said so at once
 * although it can hold answers, as when it goes down.
 */
export type TurnEnd = 'worked' | 'held' | 'quick' | 'nothing' | 'failed' | 'not-registered' | 'leave';

// Whoever was held shorter than this asks again with a pause, or a server that answers at once would be asked without end.
const HELD_AT_LEAST_MS = 500;

export function noWorkEnd(held: boolean, elapsedMs: number): TurnEnd {
  if (!held) return 'nothing';
  return elapsedMs >= HELD_AT_LEAST_MS ? 'held' : 'quick';
}

export interface Pause {
  readonly ms: number;
  /** Turns in a row that got a pause which grows. */
  readonly fruitless: number;
}

/** The pause after a turn (reference 9): it grows until there was work. */
export function pauseAfter(
  end: TurnEnd,
  fruitless: number,
  backoff: BackoffPolicy,
  registrationRetryMs: number,
): Pause {
  switch (end) {
    case 'worked':
    case 'held':
    case 'leave':
      return { ms: 0, fruitless: 0 };
    case 'not-registered':
      return { ms: registrationRetryMs, fruitless: 0 };
    case 'quick':
    case 'nothing':
    case 'failed':
      return { ms: backoffDelay(backoff, fruitless), fruitless: fruitless + 1 };
  }
}
