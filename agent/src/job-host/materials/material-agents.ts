import type { Material } from '@go-agent/protocol';
import { gitMaterialAgent } from './git/git-material-agent.ts';
import { hgMaterialAgent } from './hg/hg-material-agent.ts';
import type { MaterialAgent } from './material-agent.ts';
import { p4MaterialAgent } from './p4/p4-material-agent.ts';
import { svnMaterialAgent } from './svn/svn-material-agent.ts';
import { unsupportedMaterial } from './unsupported-material.ts';

/** Their variables are all that a job gets of them. */
const nothingToCheckOut: MaterialAgent<Material> = { update: () => Promise.resolve() };

type MaterialAgents = {
  readonly [Type in Material['type']]: MaterialAgent<Extract<Material, { type: Type }>>;
};

const materialAgents: MaterialAgents = {
  GitMaterial: gitMaterialAgent,
  SvnMaterial: svnMaterialAgent,
  HgMaterial: hgMaterialAgent,
  P4Material: p4MaterialAgent,
  DependencyMaterial: nothingToCheckOut,
  PackageMaterial: nothingToCheckOut,
  TfsMaterial: unsupportedMaterial,
  PluggableSCMMaterial: unsupportedMaterial,
};

export function materialAgentFor<M extends Material>(material: M): MaterialAgent<M> {
  // The table's type says that the key fits the value; TypeScript does not follow that through an index.
  return materialAgents[material.type] as MaterialAgent<Material>;
}
