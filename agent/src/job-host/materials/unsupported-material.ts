import type { PluggableScmMaterial, TfsMaterial } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { MaterialAgent } from './material-agent.ts';
import { splitCredentials } from './url-credentials.ts';

/** For the kinds that only a stock Java agent can check out, since they need a Java library or a Java plugin. */
export const unsupportedMaterial: MaterialAgent<TfsMaterial | PluggableScmMaterial> = {
  update({ material }) {
    const remedy = 'Give the job a resource that only stock GoCD agents have, or use git, svn, hg or p4';
    const message = `This agent cannot check out ${describe(material)}. ${remedy}`;
    return Promise.reject(new AppError('material-not-supported', message));
  },
};

function describe(material: TfsMaterial | PluggableScmMaterial): string {
  if (material.type === 'TfsMaterial') {
    return `${material.projectPath} of the Team Foundation Server ${splitCredentials(material.url.url).masked}`;
  }
  const { scm } = material;
  return `the material ${material.name?.name ?? scm.name ?? scm.id}, which needs the SCM plugin ${scm.plugin.id}`;
}
