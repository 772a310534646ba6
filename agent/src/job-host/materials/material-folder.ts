import { relative, resolve, sep } from 'node:path';
import type { Material } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';

/**
 * Absolute path of the folder that a material fills.
 * @throws AppError material-failed if that is outside of the working folder, where a checkout would remove what is not the job's
 */
export function materialFolder(material: Material, workingDir: string): string {
  const destination = ('folder' in material ? material.folder : undefined) ?? '';
  const folder = resolve(workingDir, destination.replaceAll('\\', '/'));
  if (relative(workingDir, folder).split(sep)[0] !== '..') return folder;
  throw new AppError(
    'material-failed',
    `The destination folder ${destination} of a material is outside of the working folder ${workingDir}; correct it in the pipeline`,
  );
}
