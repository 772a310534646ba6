// `npm run package`: what users install, in `dist/packages/`, with checksums.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename, join } from 'node:path';
import { developmentKeys, ensureBuilt } from './build.ts';
import { ensurePackage, packageKinds, version } from './package/make-packages.ts';
import { NODE_VERSION, targets } from './package/targets.ts';
import { readOptions } from './read-options.ts';

const HELP = `Makes what users install, in dist/packages/, with SHA256SUMS: single executables in archives, a Debian package, a container's folder.
What cannot be made here is said and left out; asked for by name, it is a failure.

Usage: npm run package [-- --target NAME …] [--keys FOLDER]

  --target NAME   only this one of ${targets.map(({ name }) => name).join(', ')}; may be given several times
  --keys FOLDER   whose releases the agents will trust (npm run release -- --init-keys); else the development keys

Example: npm run package -- --target linux-x64 --keys ~/go-agent-keys`;

async function main(): Promise<number> {
  const values = readOptions(HELP, {
    target: { type: 'string', multiple: true },
    keys: { type: 'string' },
  });
  const unknown = values.target?.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) {
    console.error(`There is no target ${unknown}; there are ${targets.map(({ name }) => name).join(', ')}.`);
    return 2;
  }
  // Whatever else runs on this machine comes first.
  setPriority(15);
  const { keys = developmentKeys } = values;
  const built = await ensureBuilt({ keys });
  console.log(`go-agent ${version} with Node ${NODE_VERSION}`);
  if (keys === developmentKeys) {
    console.log(
      'Made with the development keys of this working copy (dist/keys): no other releases are trusted. Else: --keys FOLDER',
    );
  }
  const sums: string[] = [];
  let left = 0;
  for (const target of targets.filter(({ name }) => values.target?.includes(name) ?? true)) {
    for (const kind of packageKinds(target)) {
      const made = ensurePackage(target, kind, built);
      if (!made.ok) {
        left += 1;
        console.error(`${target.name}: NOT BUILT: ${kind}. ${made.reason}`);
      } else if (kind === 'container') {
        console.log(`${target.name}: image by podman build -t go-agent ${made.path}`);
      } else {
        const bytes = readFileSync(made.path);
        sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${basename(made.path)}`);
        console.log(`${target.name}: ${made.path} (${Math.round(bytes.length / 1e6)} MB)`);
      }
    }
  }
  writeFileSync(join(built.dist, 'packages', 'SHA256SUMS'), `${sums.toSorted().join('\n')}\n`);
  return values.target === undefined ? 0 : Math.min(left, 1);
}

process.exitCode = await main();
