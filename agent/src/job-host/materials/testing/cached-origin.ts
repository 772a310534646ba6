import { join } from 'node:path';
import { gitRevision, testRepository } from '../../testing/test-repository.ts';
import { cacheFolderOf } from '../git/cache/cache-folder.ts';
import type { CheckOut } from './check-out.ts';

/** A repository with one commit, its URL, and where an agent with this home folder keeps its mirror. */
export async function withOrigin(home: string) {
  const origin = await testRepository(join(home, 'origin'));
  const one = await origin.commit({ a: '1' });
  // As a server has it: one pack.
  await origin.git('repack', '-q', '-a', '-d');
  const url = `file://${origin.folder}`;
  return { origin, one, url, cache: cacheFolderOf(home, url) };
}

/** A job of one of several pipelines. */
export function inPipeline(
  name: string,
  url: string,
  revision: string,
  more: Partial<CheckOut> = {},
): CheckOut {
  return { materials: [gitRevision(url, [revision])], workingDir: `pipelines/${name}`, ...more };
}
