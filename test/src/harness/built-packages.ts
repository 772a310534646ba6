import { ensureBuilt } from '../../../scripts/build.ts';
import { ensureExecutable } from '../../../scripts/package/executable.ts';
import { ensurePackage, type PackageKind } from '../../../scripts/package/make-packages.ts';
import { hostTarget } from '../../../scripts/package/targets.ts';

/** Path of a package for this machine, as users get it; or of the single executable alone. */
export async function builtPackage(kind: PackageKind | 'executable'): Promise<string> {
  const target = hostTarget();
  if (target === undefined) throw new Error('There are no packages for this machine');
  const built = await ensureBuilt();
  const made = kind === 'executable' ? ensureExecutable(target, built) : ensurePackage(target, kind, built);
  if (!made.ok) throw new Error(made.reason);
  return made.path;
}

/** Why such packages cannot be tried here, as the end of a test's title; empty if they can. */
export const noPackages = hostTarget()?.name === 'linux-x64' ? '' : ' (skipped: this is no Linux on x64)';
