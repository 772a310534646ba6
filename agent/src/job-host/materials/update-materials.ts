import { ConsoleTag, consoleText, type MaterialRevision } from '@go-agent/protocol';
import type { JobContext } from '../job-context.ts';
import { materialAgentFor } from './material-agents.ts';
import { materialFolder } from './material-folder.ts';
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
  const [{ revision } = { revision: '' }] = modifications;
  const folder = materialFolder(material, context.workingDir);
  return materialAgentFor(material).update({ material, modifications, revision, folder, context });
}
