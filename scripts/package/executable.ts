// One file that is Node, the bootstrapper and the bundles that it carries (docs/install.md).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Built } from '../build.ts';
import { nodeBinary } from './node-binary.ts';
import { NODE_VERSION, type Target } from './targets.ts';

export type BuiltExecutable =
  | { readonly ok: true; readonly path: string; readonly madeFrom: string }
  | { readonly ok: false; readonly reason: string };

/** Builds `dist/executables/<target>/go-agent`, unless what is there was made of the same. */
export function ensureExecutable(target: Target, built: Built): BuiltExecutable {
  const file = join(built.dist, 'executables', target.name, target.executable);
  const stamp = join(dirname(file), '.built-from');
  const carried = carriedFiles(built);
  const wanted = `${NODE_VERSION} ${digestOf([built.goAgent, ...carried.values()])}`;
  if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return { ok: true, path: file, madeFrom: wanted };
  const node = nodeBinary(target, join(built.dist, '.node'));
  if (!node.ok) return node;
  mkdirSync(dirname(file), { recursive: true });
  const folder = mkdtempSync(join(dirname(file), '.build-'));
  try {
    const output = join(folder, target.executable);
    const config = join(folder, 'sea.json');
    const settings = {
      main: built.goAgent,
      mainFormat: 'module',
      executable: node.file,
      output,
      disableExperimentalSEAWarning: true,
      assets: Object.fromEntries(carried),
    };
    writeFileSync(config, JSON.stringify(settings));
    const done = spawnSync(process.execPath, [`--build-sea=${config}`], { encoding: 'utf8' });
    if (done.status !== 0 || !existsSync(output)) {
      return { ok: false, reason: `node --build-sea failed: ${done.stderr}${done.stdout}` };
    }
    chmodSync(output, 0o755);
    renameSync(output, file);
    writeFileSync(stamp, wanted);
    return { ok: true, path: file, madeFrom: wanted };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What lies beside the bootstrapper's script, by the name that it has inside the executable. */
function carriedFiles(built: Built): Map<string, string> {
  const folder = join(dirname(built.goAgent), 'bundles');
  const names = readdirSync(folder).toSorted();
  return new Map(names.map((name) => [`bundles/${name}`, join(folder, name)]));
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}
