import type { ChaosRow } from '../suite.ts';

/** One cancelled job. */
export interface CancelOutcome {
  readonly kind: string;
  /** The containment level that its job host has reported. */
  readonly level: string;
  /** Command lines of what still ran one second after the grace. */
  readonly survivors: readonly string[];
  /** What else was wrong. */
  readonly fault?: string;
}

/**
 * One row for each kind of tree.
 * @param tight survivors count as broken
 */
export function cancelRows(through: string, tight: boolean, outcomes: readonly CancelOutcome[]): ChaosRow[] {
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = outcomes.filter((outcome) => outcome.kind === kind);
    const broke = own.filter(
      ({ survivors, fault }) => fault !== undefined || (tight && survivors.length > 0),
    );
    return {
      what: `${through}: ${kind}`,
      tried: own.length,
      broke: broke.length,
      figures: {
        level: [...new Set(own.map(({ level }) => level))].join(', '),
        survivors: own.reduce((sum, { survivors }) => sum + survivors.length, 0),
      },
    };
  });
}
