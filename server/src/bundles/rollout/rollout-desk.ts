import type { CommandOutcome } from '../../domain/command-outcome.ts';
import type { Release } from '../release.ts';
import type { AgentReport } from './agent-report.ts';
import type { StartWish } from './change-rollout.ts';
import type { Decision } from './decide-release.ts';
import type { Tally } from './judge-report.ts';
import type { FinalVerdict } from './report-book.ts';
import type { Pin, RolloutState } from './rollout-state.ts';

/** One agent in `rollout status`. */
export interface AgentUpgradeView {
  readonly uuid: string;
  readonly hostName: string;
  /** What it said last; undefined if it has not said anything, as a stock agent. */
  readonly report?: AgentReport;
  readonly reportedAt?: number;
  readonly decision: Decision;
  readonly verdict?: FinalVerdict;
}

export interface RolloutStatus {
  readonly state: RolloutState;
  readonly releases: readonly Release[];
  readonly agents: readonly AgentUpgradeView[];
  /** Of the version that is rolled out, since it was started or resumed. */
  readonly tally: Tally;
}

/** Who gets which release. Commands resolve when they are stored. */
export interface RolloutDesk {
  /** Takes note of what the agent says, and decides. No I/O: asked at every request for bundles. */
  decide(
    agent: { readonly guid: string; readonly report?: AgentReport | undefined },
    releases: readonly Release[],
  ): Decision;
  /** Called after each change of what may be offered to whom. */
  onChange(listener: () => void): void;
  status(releases: readonly Release[]): RolloutStatus;
  start(wish: StartWish, releases: readonly Release[]): Promise<CommandOutcome>;
  resume(): Promise<CommandOutcome>;
  end(): Promise<CommandOutcome>;
  freeze(reason: string): Promise<CommandOutcome>;
  unfreeze(): Promise<CommandOutcome>;
  pin(pin: Omit<Pin, 'at'>, releases: readonly Release[]): Promise<CommandOutcome>;
  unpin(target: Pick<Pin, 'kind' | 'name'>): Promise<CommandOutcome>;
}
