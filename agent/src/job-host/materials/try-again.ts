import { backoffDelay, type Clock } from '@go-agent/runtime/core';

const ATTEMPTS = 3;
/** A second, then five. The random share keeps the agents of a farm from asking a server that comes back all at once. */
const PAUSE = { firstMs: 1000, factor: 5, maxMs: 5000, jitter: 0.2 };

export interface TryAgain {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/**
 * Makes up to three attempts, as long as they fail for a reason that may pass.
 * @returns the outcome of the last attempt
 * @throws the reason of `signal`
 */
export async function tryAgain<Outcome extends { readonly mayPass: boolean }>(
  attempt: () => Promise<Outcome>,
  { clock, signal, say }: TryAgain,
): Promise<Outcome> {
  for (let next = 2; ; next += 1) {
    const outcome = await attempt();
    if (!outcome.mayPass || next > ATTEMPTS) return outcome;
    const pauseMs = backoffDelay(PAUSE, next - 2);
    const seconds = (pauseMs / 1000).toFixed(1);
    say(`The network or the server failed, which may pass: attempt ${next} of ${ATTEMPTS} in ${seconds} s`);
    await clock.sleep(pauseMs, signal);
    signal.throwIfAborted();
  }
}
