import type { OfferedBundle, Release } from '../bundles/release.ts';
import type { BundleReport } from '../bundles/rollout/agent-report.ts';
import { ringOf } from '../bundles/rollout/change-rollout.ts';
import type { AgentUpgradeView, RolloutStatus } from '../bundles/rollout/rollout-desk.ts';
import type { Rollout } from '../bundles/rollout/rollout-state.ts';

/** `GET /go/api/rollout`. */
export function rolloutShape({ state, releases, agents, tally }: RolloutStatus) {
  return {
    rollout: state.rollout === undefined ? null : shapeOf(state.rollout, tally),
    frozen: state.frozen === undefined ? null : { at: time(state.frozen.at), reason: state.frozen.reason },
    pins: state.pins.map(({ kind, name, version, at }) => ({ [kind]: name, version, at: time(at) })),
    releases: releases.map(releaseShape),
    agents: agents.map((agent) => agentShape(agent, releases)),
  };
}

function shapeOf(rollout: Rollout, tally: RolloutStatus['tally']) {
  const { version, base, percent, resources, environments, halted } = rollout;
  return {
    version,
    base: base ?? null,
    ring: ringOf(rollout),
    percent,
    resources,
    environments,
    max_failed_percent: rollout.maxFailedPercent,
    min_verdicts: rollout.minVerdicts,
    started_at: time(rollout.startedAt),
    passed: tally.passed,
    failed: tally.failed,
    halted: halted === undefined ? null : { at: time(halted.at), reason: halted.reason },
  };
}

function releaseShape({ version, bundles }: Release) {
  return {
    version,
    bundles: [...bundles.values()].map(({ name, md5, sha256, bytes }) => ({ name, md5, sha256, bytes })),
  };
}

function agentShape(agent: AgentUpgradeView, releases: readonly Release[]) {
  const { uuid, hostName, report, reportedAt, decision, verdict } = agent;
  const part = (says: BundleReport | undefined) =>
    says && {
      md5: says.current ?? null,
      version: versionOf(says.current, releases) ?? null,
      probation: says.probation,
      quarantined: says.quarantined.map(({ md5, reason }) => ({
        md5,
        version: versionOf(md5, releases) ?? null,
        reason,
      })),
    };
  return {
    uuid,
    hostname: hostName,
    agent: part(report?.agent) ?? null,
    launcher: part(report?.launcher) ?? null,
    reported_at: reportedAt === undefined ? null : time(reportedAt),
    offered: decision.type === 'offer' ? decision.version : null,
    why: decision.why,
    verdict: verdict === undefined ? null : { ...verdict, at: time(verdict.at) },
  };
}

function versionOf(md5: string | undefined, releases: readonly Release[]): string | undefined {
  const all: OfferedBundle[] = releases.flatMap(({ bundles }) => [...bundles.values()]);
  return all.find((bundle) => bundle.md5 === md5)?.version;
}

function time(at: number): string {
  return new Date(at).toISOString();
}
