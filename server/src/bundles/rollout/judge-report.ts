import { BundleName } from '@go-agent/protocol/launch-contract';
import type { Release } from '../release.ts';
import type { AgentReport, BundleReport } from './agent-report.ts';
import type { Rollout } from './rollout-state.ts';

/** How a release does on one agent. `trying`: its probation goes on. */
export type Verdict =
  | { readonly type: 'passed' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'trying' }
  /** The agent has nothing of it. */
  | { readonly type: 'absent' };

/** Judges only what is new in a release: a bundle that `base` has too says nothing about it. */
export function judgeReport(report: AgentReport, release: Release, base: Release | undefined): Verdict {
  const parts = newBundles(release, base).map(({ md5, says }) => ({ md5, says: says(report) }));
  for (const { md5, says } of parts) {
    const bad = says?.quarantined.find((one) => one.md5 === md5);
    if (bad !== undefined) return { type: 'failed', reason: bad.reason || 'no reason was given' };
  }
  const taken = parts.filter(({ md5, says }) => says?.current === md5);
  if (taken.length === 0) return { type: 'absent' };
  const isProven = taken.length === parts.length && taken.every(({ says }) => says?.probation === false);
  return { type: isProven ? 'passed' : 'trying' };
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Why a roll-out must not go on; undefined if it may. */
export function haltReason(
  { passed, failed }: Tally,
  { maxFailedPercent, minVerdicts }: Pick<Rollout, 'maxFailedPercent' | 'minVerdicts'>,
): string | undefined {
  const verdicts = passed + failed;
  if (verdicts < minVerdicts || failed * 100 <= maxFailedPercent * verdicts) return undefined;
  return `${failed} of ${verdicts} agents failed their probation; the limit is ${maxFailedPercent} %`;
}

function newBundles(release: Release, base: Release | undefined) {
  const says: readonly (readonly [BundleName, (report: AgentReport) => BundleReport | undefined])[] = [
    [BundleName.launcher, ({ launcher }) => launcher],
    [BundleName.agent, ({ agent }) => agent],
  ];
  return says.flatMap(([name, part]) => {
    const md5 = release.bundles.get(name)?.md5;
    return md5 === undefined || md5 === base?.bundles.get(name)?.md5 ? [] : [{ md5, says: part }];
  });
}
