// Materials and their revisions as an agent gets them (reference: agent-protocol 4.8, 4.9).

import type { Material, MaterialRevision, Modification } from '@go-agent/protocol';
import type { KnownModification } from './build-cause.ts';
import type { WorkRevision } from './material-environment.ts';
import type { GitMaterialConfig, MaterialConfig } from './pipeline-config.ts';

/** @param open opens what is sealed: passwords go to the agent in clear. */
export function wireRevision(revision: WorkRevision, open: (sealed: string) => string): MaterialRevision {
  return {
    material: wireMaterial(revision.material, open),
    modifications: revision.modifications.map(wireModification),
    changed: revision.changed,
  };
}

function wireMaterial(material: MaterialConfig, open: (sealed: string) => string): Material {
  const name = material.name === undefined ? {} : { name: { name: material.name } };
  if (material.type === 'git') return { ...gitMaterial(material, open), ...name };
  return {
    type: 'DependencyMaterial',
    pipelineName: { name: material.pipeline },
    stageName: { name: material.stage },
    ignoreForScheduling: material.ignoreForScheduling,
    ...name,
    materialType: 'DependencyMaterial',
    fingerprint: material.fingerprint,
  };
}

function gitMaterial(material: GitMaterialConfig, open: (sealed: string) => string): Material {
  return {
    type: 'GitMaterial',
    url: { url: material.url },
    refSpecOrBranch: material.branch,
    shallowClone: material.shallowClone,
    filter: material.filter.patterns.map((pattern) => ({ pattern, configErrors: {} })),
    ...(material.destination === undefined ? {} : { folder: material.destination }),
    autoUpdate: material.autoUpdate,
    invertFilter: material.filter.mode === 'includes',
    ...(material.username === undefined ? {} : { userName: material.username }),
    ...(material.sealedPassword === undefined ? {} : { password: open(material.sealedPassword) }),
    secretParamsForPassword: [],
    materialType: 'GitMaterial',
    fingerprint: material.fingerprint,
  };
}

function wireModification(modification: KnownModification): Modification {
  const { userName, comment, emailAddress, pipelineLabel } = modification;
  return {
    ...(userName === '' ? {} : { userName }),
    ...(comment === '' ? {} : { comment }),
    ...(emailAddress === '' ? {} : { emailAddress }),
    revision: modification.revision,
    modifiedTime: wireTime(modification.modifiedAt),
    files: [],
    ...(pipelineLabel === undefined ? {} : { pipelineLabel }),
    id: modification.id,
  };
}

/** An instant; the fraction only when it is not zero. */
function wireTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}
