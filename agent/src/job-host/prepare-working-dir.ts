import { mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConsoleTag, consoleText } from '@go-agent/protocol';
import type { JobContext } from './job-context.ts';
import { removeTree } from './materials/remove-tree.ts';

/**
 * Makes the working folder, and empties it if the stage says so (agent-protocol 4.11 no. 5). The former at once: for a folder that is
 * mostly there, the way to a thread of the pool and back takes longer.
 */
export async function prepareWorkingDir({ assignment, workingDir, console }: JobContext): Promise<void> {
  const created = mkdirSync(workingDir, { recursive: true });
  if (created !== undefined || !assignment.work.assignment.cleanWorkingDirectory) return;
  console.line(ConsoleTag.notice, consoleText.cleaning(workingDir));
  const names = await readdir(workingDir);
  await Promise.all(names.map((name) => removeTree(join(workingDir, name))));
}
