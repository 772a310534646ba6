export interface BackoffPolicy {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** Share of the delay that is random, 0 to 1. 0.2 means between 80 % and 100 % of it. Default 0. */
  readonly jitter?: number;
}

/**
 * The wait before attempt `attempt` (0 is the first wait), in milliseconds.
 * @param random a number in [0, 1), as from Math.random
 */
export function backoffDelay(
  policy: BackoffPolicy,
  attempt: number,
  random: () => number = Math.random,
): number {
  const full = Math.min(policy.maxMs, policy.firstMs * policy.factor ** Math.min(attempt, 1000));
  return Math.round(full * (1 - (policy.jitter ?? 0) * random()));
}
