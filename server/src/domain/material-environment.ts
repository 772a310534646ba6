// The variables that each material brings (reference: agent-protocol 8.2).

import type { KnownModification } from './build-cause.ts';
import type { GitMaterialConfig, MaterialConfig } from './pipeline-config.ts';

/** A material at the revisions of a run. */
export interface WorkRevision {
  readonly material: MaterialConfig;
  /** Newest first; never empty. */
  readonly modifications: readonly [KnownModification, ...KnownModification[]];
  readonly changed: boolean;
}

export function materialVariables(revision: WorkRevision): (readonly [name: string, value: string])[] {
  const { material, modifications, changed } = revision;
  const [newest] = modifications;
  const suffix = variableSuffix(material);
  const hasChanged = [`GO_MATERIAL${suffix}_HAS_CHANGED`, String(changed)] as const;
  if (material.type === 'dependency') {
    return [
      [`GO_DEPENDENCY_LABEL${suffix}`, newest.pipelineLabel ?? ''],
      [`GO_DEPENDENCY_LOCATOR${suffix}`, newest.revision],
      hasChanged,
    ];
  }
  const oldest = modifications.at(-1) ?? newest;
  return [
    [`GO_REVISION${suffix}`, newest.revision],
    [`GO_TO_REVISION${suffix}`, newest.revision],
    [`GO_FROM_REVISION${suffix}`, oldest.revision],
    [`GO_MATERIAL_URL${suffix}`, material.url],
    [`GO_MATERIAL_BRANCH${suffix}`, localBranch(material)],
    hasChanged,
  ];
}

/** Of a refspec `source:destination`, what it becomes here. */
function localBranch({ branch }: Pick<GitMaterialConfig, 'branch'>): string {
  const destination = branch.slice(branch.indexOf(':') + 1);
  return destination.replace(/^refs\/(heads|remotes\/origin)\//, '');
}

function variableSuffix(material: MaterialConfig): string {
  const name = material.name ?? (material.type === 'git' ? material.destination : material.pipeline) ?? '';
  return name === '' ? '' : `_${name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`;
}
