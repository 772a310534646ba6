import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `guid.txt` or `token` of a home's config folder; undefined if it is missing or blank. @throws if it may not be read */
export async function identityFile(home: string, name: 'guid.txt' | 'token'): Promise<string | undefined> {
  const text = await readFile(join(home, 'config', name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  });
  return text.trim() || undefined;
}
