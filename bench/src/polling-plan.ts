/** How many runs the polling path has, and how many agents share them. */
export interface PollingPlan {
  readonly runs: number;
  /** Of each agent. */
  readonly shares: readonly number[];
}

/** A whole measurement. */
const WHOLE = 200;
const RUNS_OF_ONE = 20;
const AGENTS = { least: 5, most: 10 };

/**
 * Each run needs an agent that was idle for half a minute, so a short measurement has a tenth of the runs. More agents than ten
 * would disturb each other on a small machine.
 * @param runs of the path with held requests
 * @param wanted by whoever measures
 */
export function pollingPlan(runs: number, wanted?: number): PollingPlan {
  const all = wanted ?? (runs < WHOLE ? Math.max(10, Math.round(runs / 10)) : WHOLE);
  const busy = Math.ceil(all / RUNS_OF_ONE);
  const agents = Math.min(all, AGENTS.most, Math.max(AGENTS.least, busy));
  const shares = Array.from(
    { length: agents },
    (_, i) => Math.floor(all / agents) + (i < all % agents ? 1 : 0),
  );
  return { runs: all, shares };
}
