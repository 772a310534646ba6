// Revisions that a trigger asks for, instead of the newest ones (reference: server-config-api 2.11).

import type { ChosenMaterial } from '../core.ts';
import type { KnownModification } from '../domain/build-cause.ts';
import type { MaterialConfig, PipelineConfig } from '../domain/pipeline-config.ts';
import { describeMaterial } from '../materials/material-updates.ts';
import type { Repositories } from '../store/repositories.ts';

/** By fingerprint. */
export type ChosenRevisions = ReadonlyMap<string, KnownModification>;

/** Why these cannot be asked for; undefined if they can. Whether the revisions are known shows after the materials were polled. */
export function materialsProblem(
  pipeline: PipelineConfig,
  wanted: readonly ChosenMaterial[],
): string | undefined {
  const foreign = wanted.filter(({ fingerprint }) => materialOf(pipeline, fingerprint) === undefined);
  if (foreign.length > 0) {
    const fingerprints = foreign.map(({ fingerprint }) => fingerprint).join(', ');
    return `Pipeline '${pipeline.name}' does not contain the following material(s): [${fingerprints}].`;
  }
  const empty = wanted.find(({ revision }) => revision.trim() === '');
  return empty === undefined ? undefined : `Material [${empty.fingerprint}] has empty revision`;
}

/** A text if one is not known. */
export async function findRevisions(
  { modifications }: Repositories,
  pipeline: PipelineConfig,
  wanted: readonly ChosenMaterial[],
): Promise<ChosenRevisions | string> {
  const problem = materialsProblem(pipeline, wanted);
  if (problem !== undefined) return problem;
  const found = new Map<string, KnownModification>();
  for (const { fingerprint, revision } of wanted) {
    const material = materialOf(pipeline, fingerprint);
    const isGit = material?.type === 'git';
    const modification = await modifications.byRevision(fingerprint, revision.trim(), { isPrefix: isGit });
    if (modification === undefined) {
      const what = material === undefined ? fingerprint : describeMaterial(material);
      return `Revision ${revision} of ${what} is not known. What the server has seen of the material since its first poll can be chosen.`;
    }
    found.set(fingerprint, modification);
  }
  return found;
}

function materialOf({ materials }: PipelineConfig, fingerprint: string): MaterialConfig | undefined {
  return materials.find((material) => material.fingerprint === fingerprint);
}
