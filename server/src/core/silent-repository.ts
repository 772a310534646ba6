// A repository that does not answer, as one behind a dead network. For tests.

import { execFileSync } from 'node:child_process';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whoever reads the repository waits for a writer of a file, and there is none until the returned function is called. */
export async function makeSilent(repository: string): Promise<() => Promise<void>> {
  const head = join(repository, '.git', 'HEAD');
  const text = await readFile(head, 'utf8');
  await rm(head);
  execFileSync('mkfifo', [head]);
  return async () => {
    // Open for both, so that it waits for nobody. Who waits gets the text from here, and who comes later from the new file.
    await using pipe = await open(head, 'r+');
    await writeFile(`${head}.new`, text);
    await rename(`${head}.new`, head);
    await pipe.write(text);
  };
}
