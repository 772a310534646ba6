import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/**
 * The hidden command `__run <entryFile>`: the `main` of a bundle's module is this process's program. `require`, because
 * inside a single executable it is what can load an ES module from the disk. A `main` that resolves to a number ends the
 * process with it, whatever is still open.
 */
export async function runEntry(entryFile: string): Promise<void> {
  const file = resolve(entryFile);
  const module = createRequire(file)(file) as { readonly main?: () => unknown };
  if (typeof module.main !== 'function') throw new Error(`${file} exports no function "main"`);
  const code: unknown = await module.main();
  if (typeof code === 'number') process.exit(code);
}
