import { join } from 'node:path';
import { gitRevision, testRepository } from '../../testing/test-repository.ts';
import { cacheFolderOf } from '../git/cache/cache-folder.ts';
import type { CheckOut } from './check-out.ts';
import { gitDaemon } from './cutting-server.ts';

/** A repository with one commit, its URL, and where an agent with this home folder keeps its mirror. */
export async function withOrigin(home: string) {
  const origin = await testRepository(join(home, 'origin'));
  const one = await origin.commit({ a: '1' });
  // As a server has it: one pack.
  await origin.git('repack', '-q', '-a', '-d');
  const url = `file://${origin.folder}`;
  return { origin, one, url, cache: cacheFolderOf(home, url) };
}

/** The same, served over connections that can be cut. The daemon is to be disposed of. */
export async function withDaemon(home: string) {
  const origin = await testRepository(join(home, 'served/origin'));
  const one = await origin.commit({ a: '1' });
  const daemon = await gitDaemon(join(home, 'served'));
  const url = `git://127.0.0.1:${daemon.port}/origin`;
  return { origin, one, daemon, url, cache: cacheFolderOf(home, url) };
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
