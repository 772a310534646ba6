import type { TransferContext } from './transfer-context.ts';
import { uploadArtifact } from './upload-artifact.ts';
import type { PlacedSource } from './upload-files.ts';

/** Sends files and folders to a stock server, a zip for each of them. @returns whether the server has all of them */
export async function uploadZips(
  sources: readonly PlacedSource[],
  context: TransferContext,
): Promise<boolean> {
  let passed = true;
  for (const { source, dest } of sources) {
    context.cancelled.throwIfAborted();
    if (!(await uploadArtifact(source, dest, context))) passed = false;
  }
  return passed;
}
