import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';

/**
 * MD5s of the versions of the plugins that unfinished jobs still need: a job host goes on with those that its job began
 * with, whatever its agent is replaced by. The journal of a job (`jobs/<id>/assignment.json`) names their folder, and is
 * removed when the job's result is delivered.
 */
export async function pluginsInUse(home: string): Promise<string[]> {
  const jobs = join(home, 'jobs');
  const used = new Set<string>();
  for (const name of await readdir(jobs).catch(() => [])) {
    const text = await readFile(join(jobs, name, 'assignment.json'), 'utf8').catch(() => '{}');
    for (const folder of foldersOf(text))
      if (dirname(folder) === join(home, 'data', BundleName.plugins)) used.add(basename(folder));
  }
  return [...used];
}

function foldersOf(assignment: string): string[] {
  try {
    const { pluginFolders } = JSON.parse(assignment) as { pluginFolders?: unknown };
    return Array.isArray(pluginFolders) ? pluginFolders.map(String) : [];
  } catch {
    return [];
  }
}
