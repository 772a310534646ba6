// Whether a pipeline should run, and with which revisions (reference: server-config-api 2.3). Fan-in is not resolved here.

import { isFilteredOut } from './material-filter.ts';
import type { MaterialConfig } from './pipeline-config.ts';

/** One commit or upstream stage run, as remembered. Ids grow with time within a material. */
export interface KnownModification {
  readonly id: number;
  readonly revision: string;
  readonly modifiedAt: number;
  readonly userName: string;
  readonly emailAddress: string;
  readonly comment: string;
  /** Of an upstream run: its pipeline label. */
  readonly pipelineLabel?: string;
  /** Changed paths, as far as they were needed. */
  readonly files: readonly string[];
}

/** What is known about one material of the pipeline. */
export interface MaterialSituation {
  readonly material: MaterialConfig;
  readonly latest: KnownModification | undefined;
  /** What the newest instance of the pipeline used; undefined if it did not have this material. */
  readonly lastUsed: { readonly fromId: number; readonly toId: number } | undefined;
  /** Since `lastUsed`, newest first. */
  readonly newer: readonly KnownModification[];
}

export interface ChosenRevision {
  readonly material: MaterialConfig;
  /** Oldest and newest modification that this run is about. */
  readonly fromId: number;
  readonly toId: number;
  readonly changed: boolean;
}

export type BuildDecision =
  | { readonly type: 'build'; readonly revisions: readonly ChosenRevision[]; readonly message: string }
  | { readonly type: 'nothing-new' }
  /** A material has no revision yet: never polled, or its upstream stage has not passed yet. */
  | { readonly type: 'incomplete'; readonly material: MaterialConfig };

export type BuildWish =
  | { readonly type: 'automatic' }
  /** Runs even if nothing is new. */
  | { readonly type: 'manual'; readonly by: string };

/** @param ranWith how many materials the newest instance had; undefined if the pipeline never ran. */
export function decideBuild(
  wish: BuildWish,
  situations: readonly MaterialSituation[],
  ranWith: number | undefined,
): BuildDecision {
  const materialsDiffer = ranWith !== situations.length || situations.some((s) => s.lastUsed === undefined);
  const revisions: ChosenRevision[] = [];
  let cause: KnownModification | undefined;
  let causeMaterial: MaterialConfig | undefined;
  for (const situation of situations) {
    const { material, latest } = situation;
    if (latest === undefined) return { type: 'incomplete', material };
    const changes = wish.type === 'manual' || materialsDiffer ? situation.newer : unfiltered(situation);
    const revision = choose(situation, latest, changes);
    revisions.push(revision);
    if (cause === undefined && revision.changed && starts(material, materialsDiffer)) {
      cause = latest;
      causeMaterial = material;
    }
  }
  if (wish.type === 'manual') return { type: 'build', revisions, message: `Forced by ${wish.by}` };
  if (cause === undefined || causeMaterial === undefined) {
    return materialsDiffer
      ? { type: 'build', revisions, message: 'modified by the configuration' }
      : { type: 'nothing-new' };
  }
  return { type: 'build', revisions, message: describeCause(causeMaterial, cause) };
}

function choose(
  { material, lastUsed }: MaterialSituation,
  latest: KnownModification,
  changes: readonly KnownModification[],
): ChosenRevision {
  if (lastUsed === undefined) return { material, fromId: latest.id, toId: latest.id, changed: true };
  const newest = changes[0];
  const oldest = changes.at(-1);
  if (newest === undefined || oldest === undefined) {
    return { material, fromId: lastUsed.toId, toId: lastUsed.toId, changed: false };
  }
  return { material, fromId: oldest.id, toId: newest.id, changed: true };
}

/** Changes of which all are filtered start nothing and are left for the next run. */
function unfiltered({ material, newer }: MaterialSituation): readonly KnownModification[] {
  if (material.type !== 'git') return newer;
  const files = newer.flatMap((modification) => modification.files);
  return isFilteredOut(material.filter, files) ? [] : newer;
}

function starts(material: MaterialConfig, materialsDiffer: boolean): boolean {
  return materialsDiffer || material.type !== 'dependency' || !material.ignoreForScheduling;
}

function describeCause(material: MaterialConfig, modification: KnownModification): string {
  return material.type === 'dependency'
    ? `triggered by ${modification.revision}`
    : `modified by ${modification.userName}`;
}
