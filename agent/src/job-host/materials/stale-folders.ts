import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConsoleTag, type Material, type MaterialRevision } from '@go-agent/protocol';
import type { JobContext } from '../job-context.ts';
import { removeTree } from './remove-tree.ts';

const ARTIFACTS = 'cruise-output';

/** The destination folders, or undefined if nothing may be removed because a material fills the working folder itself (agent-behaviour 8.9). */
export function destinationFolders(materials: readonly Material[]): string[] | undefined {
  const withFolder = materials.filter(
    ({ type }) => type !== 'DependencyMaterial' && type !== 'PackageMaterial',
  );
  const folders = withFolder.map((material) =>
    normalize(('folder' in material ? material.folder : undefined) ?? ''),
  );
  return folders.length === 0 || folders.includes('') ? undefined : folders;
}

export type FolderFate = 'keep' | 'look-inside' | 'delete';

/** @param path relative to the working folder, with `/` */
export function folderFate(path: string, destinations: readonly string[]): FolderFate {
  if (path === ARTIFACTS || destinations.includes(path)) return 'keep';
  return destinations.some((destination) => destination.startsWith(`${path}/`)) ? 'look-inside' : 'delete';
}

/** Removes the folders of materials that the job has no more. Files stay. */
export async function removeStaleFolders(
  context: JobContext,
  revisions: readonly MaterialRevision[],
): Promise<void> {
  const destinations = destinationFolders(revisions.map(({ material }) => material));
  if (destinations) await clean('', destinations, context);
}

async function clean(folder: string, destinations: readonly string[], context: JobContext): Promise<void> {
  const entries = await readdir(join(context.workingDir, folder), { withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const fate = folderFate(path, destinations);
    const verb = fate === 'delete' ? 'Deleting' : 'Keeping';
    context.console.line(ConsoleTag.prepareOut, `[go] ${verb} folder ${join(context.workingDir, path)}`);
    if (fate === 'delete') await removeTree(join(context.workingDir, path));
    else if (fate === 'look-inside') await clean(path, destinations, context);
  }
}

function normalize(folder: string): string {
  return folder
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}
