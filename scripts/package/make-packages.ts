import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Built } from '../build.ts';
import { makeArchive } from './archives.ts';
import { makeContainerContext } from './container-context.ts';
import { makeDebianPackage } from './debian-package.ts';
import { ensureExecutable } from './executable.ts';
import type { Target } from './targets.ts';

const root = join(import.meta.dirname, '..', '..');

/** Of the whole project, and of all packages. */
export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
};

/** What users get: an archive, a Debian package, a folder to build a container image from. */
export type PackageKind = 'archive' | 'deb' | 'container';

export type Made =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: string };

/** What there is for a target. */
export function packageKinds(target: Target): readonly PackageKind[] {
  const deb: PackageKind[] = target.debArchitecture === undefined ? [] : ['deb'];
  const container: PackageKind[] = target.name === 'linux-x64' ? ['container'] : [];
  return ['archive', ...deb, ...container];
}

/** Makes one package in `dist/packages/`, unless what is there was made of the same. */
export function ensurePackage(target: Target, kind: PackageKind, built: Built): Made {
  const executable = ensureExecutable(target, built);
  if (!executable.ok) return executable;
  const folder = join(built.dist, 'packages');
  const stamp = join(folder, `.made-from-${target.name}-${kind}.json`);
  const madeFrom = digestOfInputs(executable.madeFrom);
  const before = readStamp(stamp);
  if (before?.madeFrom === madeFrom && existsSync(before.path)) return { ok: true, path: before.path };
  mkdirSync(folder, { recursive: true });
  try {
    const path = make(target, kind, executable.path, folder);
    writeFileSync(stamp, JSON.stringify({ madeFrom, path } satisfies Stamp));
    return { ok: true, path };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function make(target: Target, kind: PackageKind, executable: string, folder: string): string {
  switch (kind) {
    case 'archive':
      return makeArchive(target, executable, version, folder);
    case 'deb':
      if (target.debArchitecture === undefined) throw new Error(`There is no Debian on ${target.name}`);
      return makeDebianPackage(target.debArchitecture, executable, version, folder);
    case 'container':
      return makeContainerContext(executable, join(folder, 'container'));
    default:
      return kind satisfies never;
  }
}

interface Stamp {
  readonly madeFrom: string;
  readonly path: string;
}

function readStamp(file: string): Stamp | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Stamp) : undefined;
}

/** Of the executable, and of all that is packed beside it or says how. */
function digestOfInputs(madeFrom: string): string {
  const hash = createHash('sha256').update(`${version} ${madeFrom}\0`);
  const inputs = ['packaging/**', 'docs/install.md', 'bootstrapper/src/service/*.ts', 'scripts/package/*.ts'];
  for (const file of globSync(inputs, { cwd: root, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    hash.update(`${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}
