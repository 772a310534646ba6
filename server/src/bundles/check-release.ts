import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { type Targets, targetPath } from '@go-agent/protocol/trust';
import { hashFile } from '@go-agent/runtime';
import { fileSize } from './file-identity.ts';
import { readBundleVersion } from './read-bundle-version.ts';
import { refused } from './trust/read-trust.ts';

/** A release in a folder, with every zip found to be the one that its maker signed. */
export interface CheckedRelease {
  readonly version: string;
  readonly zips: readonly { readonly name: BundleName; readonly path: string; readonly md5: string }[];
}

/**
 * Compares the zips of a folder with the signed list.
 * @returns undefined if there are none
 * @throws AppError `release-refused`
 */
export async function checkRelease(folder: string, targets: Targets): Promise<CheckedRelease | undefined> {
  const zips: CheckedRelease['zips'][number][] = [];
  const versions = new Set<string>();
  for (const name of Object.values(BundleName)) {
    const path = join(folder, `${name}.zip`);
    const bytes = await fileSize(path);
    if (bytes === undefined) continue;
    const md5 = await hashFile(path, 'md5');
    const target = targets.targets[targetPath(name, md5)];
    const sha256 = await hashFile(path, 'sha256');
    if (target === undefined)
      throw refused(`${path} is not in ${targets.version}.targets.json: its maker has not signed it`);
    if (target.length !== bytes || target.hashes.sha256 !== sha256)
      throw refused(`${path} has not the length and SHA-256 that its maker signed`);
    const version = await readBundleVersion(path);
    if (!version) throw refused(`${path} is no bundle: it has no manifest with a version`);
    versions.add(target.custom?.version ?? version);
    zips.push({ name, path, md5 });
  }
  const [version] = versions;
  if (version === undefined) return undefined;
  if (versions.size === 1) return { version, zips };
  throw refused(`the bundles of ${folder} have different versions: ${[...versions].join(', ')}`);
}
