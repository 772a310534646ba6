import { z } from 'zod';
import type { AgentVersionsRecord } from '../../store/rollout-repository.ts';
import { type AgentReport, readAgentReport } from './agent-report.ts';
import type { Tally, Verdict } from './judge-report.ts';

const finalVerdict = z.object({
  version: z.string(),
  type: z.enum(['passed', 'failed']),
  reason: z.string().optional(),
  /** Epoch ms. */
  at: z.number(),
});
export type FinalVerdict = z.infer<typeof finalVerdict>;

export interface ReportEntry {
  readonly report: AgentReport;
  /** Epoch ms. */
  readonly reportedAt: number;
  /** On the version that was rolled out last when it reported. */
  readonly verdict?: FinalVerdict;
}

/** What each agent said last, in memory; what has changed since it was last stored is known. */
export class ReportBook {
  readonly #entries = new Map<string, ReportEntry>();
  readonly #changed = new Set<string>();

  restore({ uuid, report, reportedAt, verdict }: AgentVersionsRecord): void {
    const read = readAgentReport(report);
    const judged = verdict === undefined ? undefined : finalVerdict.parse(JSON.parse(verdict));
    if (read !== undefined)
      this.#entries.set(uuid, { report: read, reportedAt, ...(judged ? { verdict: judged } : {}) });
  }

  get(uuid: string): ReportEntry | undefined {
    return this.#entries.get(uuid);
  }

  /** @returns whether there is a verdict that there was not before. A failure stays one: the agent is back on another version. */
  note(
    uuid: string,
    report: AgentReport,
    at: number,
    judged: { readonly version: string; readonly verdict: Verdict } | undefined,
  ): boolean {
    const before = this.#entries.get(uuid);
    const earlier = before?.verdict;
    const isKnown =
      judged === undefined || (earlier?.version === judged.version && earlier.type === 'failed');
    const next = isKnown ? earlier : (finalOf(judged, at, earlier) ?? earlier);
    const isNews = next !== earlier;
    if (isNews || !isSame(before?.report, report)) this.#changed.add(uuid);
    this.#entries.set(uuid, { report, reportedAt: at, ...(next === undefined ? {} : { verdict: next }) });
    return isNews;
  }

  hasFailed(uuid: string, version: string): boolean {
    const verdict = this.#entries.get(uuid)?.verdict;
    return verdict?.version === version && verdict.type === 'failed';
  }

  /** Of the verdicts since a time. */
  tally(version: string, since: number): Tally {
    const verdicts = [...this.#entries.values()]
      .map(({ verdict }) => verdict)
      .filter((verdict) => verdict?.version === version && verdict.at >= since);
    const failed = verdicts.filter((verdict) => verdict?.type === 'failed').length;
    return { failed, passed: verdicts.length - failed };
  }

  forgetAllBut(isKnown: (uuid: string) => boolean): string[] {
    const gone = [...this.#entries.keys()].filter((uuid) => !isKnown(uuid));
    for (const uuid of gone) this.#entries.delete(uuid);
    return gone;
  }

  /** What has changed since this was asked last. */
  takeChanges(): AgentVersionsRecord[] {
    const uuids = [...this.#changed];
    this.#changed.clear();
    return uuids.flatMap((uuid) => {
      const entry = this.#entries.get(uuid);
      if (entry === undefined) return [];
      const { report, reportedAt, verdict } = entry;
      const judged = verdict === undefined ? {} : { verdict: JSON.stringify(verdict) };
      return [{ uuid, report: JSON.stringify(report), reportedAt, ...judged }];
    });
  }

  /** They could not be stored. */
  putBack(records: readonly AgentVersionsRecord[]): void {
    for (const { uuid } of records) this.#changed.add(uuid);
  }
}

function finalOf(
  { version, verdict }: { readonly version: string; readonly verdict: Verdict },
  at: number,
  earlier: FinalVerdict | undefined,
): FinalVerdict | undefined {
  if (verdict.type === 'failed') return { version, type: 'failed', reason: verdict.reason, at };
  if (verdict.type !== 'passed') return undefined;
  return earlier?.version === version ? earlier : { version, type: 'passed', at };
}

function isSame(a: AgentReport | undefined, b: AgentReport): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
