import { resolve } from 'node:path';
import { ConsoleTag, consoleText, type Material, type MaterialRevision } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { JobContext } from '../job-context.ts';
import { gitMaterialAgent } from './git/git-material-agent.ts';
import type { Checkout } from './material-agent.ts';
import { removeStaleFolders } from './stale-folders.ts';

/** Brings all materials of the job to their revisions, in order (agent-protocol 4.11 no. 6). */
export async function updateMaterials(context: JobContext): Promise<void> {
  const { revisions } = context.assignment.work.assignment.materialRevisions;
  await removeStaleFolders(context, revisions);
  context.console.line(ConsoleTag.prepareOut, consoleText.updateMaterials());
  for (const revision of revisions) {
    context.cancelled.throwIfAborted();
    await updateOne(revision, context);
  }
}

function updateOne({ material, modifications }: MaterialRevision, context: JobContext): Promise<void> {
  const destination = ('folder' in material ? material.folder : undefined) ?? '';
  const folder = resolve(context.workingDir, destination);
  const checkout = <M extends Material>(of: M): Checkout<M> => ({
    material: of,
    modifications,
    folder,
    context,
  });
  switch (material.type) {
    case 'GitMaterial':
      return gitMaterialAgent.update(checkout(material));
    case 'DependencyMaterial':
    case 'PackageMaterial':
      // Variables only; nothing to check out.
      return Promise.resolve();
    case 'SvnMaterial':
    case 'HgMaterial':
    case 'P4Material':
    case 'TfsMaterial':
    case 'PluggableSCMMaterial':
      return Promise.reject(
        new AppError(
          'material-not-supported',
          `This agent cannot check out a ${material.type}. Run the job on an agent that can, or use a git material`,
        ),
      );
    default:
      return material satisfies never;
  }
}
