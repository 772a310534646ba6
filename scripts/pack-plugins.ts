// `node scripts/pack-plugins.ts FOLDER ZIP [--version X]`: the bundle `agent-plugins` of all task plugins in a folder
// (docs/task-plugins.md). Put the zip, as agent-plugins.zip, where the server offers its bundles from.
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { type BuiltBundle, packBundle } from './build-bundle.ts';

/** @throws Error if there is no `<plugin>/plugin.json` in the folder */
export async function packPlugins(folder: string, file: string, version = '1'): Promise<BuiltBundle> {
  const paths: string[] = [];
  for await (const entry of glob('*/**', { cwd: folder, withFileTypes: true })) {
    if (entry.isFile()) paths.push(join(entry.parentPath, entry.name).slice(join(folder, '/').length));
  }
  if (!paths.some((path) => /^[^/\\]+[/\\]plugin\.json$/.test(path)))
    throw new Error(`No plugin in ${folder}: each needs a folder of its own with a plugin.json in it`);
  const files = paths.toSorted().map((path) => {
    return [path.replaceAll('\\', '/'), readFileSync(join(folder, path))] as const;
  });
  return packBundle({ name: BundleName.plugins, version, file }, new Map(files));
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { version: { type: 'string' } },
  });
  const [folder, file] = positionals;
  if (folder === undefined || file === undefined) {
    console.error('Usage: node scripts/pack-plugins.ts FOLDER ZIP [--version X]');
    process.exitCode = 2;
  } else {
    const { md5 } = await packPlugins(folder, file, values.version);
    console.log(`${file} (MD5 ${md5})`);
  }
}
