import { readdir } from 'node:fs/promises';

/** Names in a folder; undefined if it is not there. @throws if it may not be looked into, which is not the same */
export async function listFolder(path: string): Promise<string[] | undefined> {
  return readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}
