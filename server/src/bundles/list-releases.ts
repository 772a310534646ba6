import { join } from 'node:path';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import { type Targets, targetPath } from '@go-agent/protocol/trust';
import { describeError, hashFile } from '@go-agent/runtime';
import { fileSize } from './file-identity.ts';
import { orderReleases } from './order-releases.ts';
import { readBundleVersion } from './read-bundle-version.ts';
import type { OfferedBundle } from './release.ts';
import { releasePlaces } from './release-places.ts';
import { readTrust } from './trust/read-trust.ts';
import { madeByMaker, readTrustFolder } from './trust/trust-folder.ts';

export interface ListedRelease {
  readonly version: string;
  readonly bundles: readonly {
    readonly name: BundleName;
    readonly md5: string;
    readonly bytes: number;
    /** The newest signed list has it, so agents will take it. */
    readonly signed: boolean;
  }[];
}

export interface ListedReleases {
  /** Newest first. */
  readonly releases: readonly ListedRelease[];
  /** Why none of them is taken. */
  readonly problem?: string;
}

/** What lies in the folder of a server. */
export async function listReleases(folder: string): Promise<ListedReleases> {
  const { targets, problem } = await readTargets(folder);
  const groups: OfferedBundle[][] = [];
  for (const places of await releasePlaces(folder)) {
    const bundles: OfferedBundle[] = [];
    for (const { name, path } of places) {
      const bytes = await fileSize(path);
      const version = bytes === undefined ? undefined : await readBundleVersion(path);
      if (bytes === undefined || version === undefined) continue;
      const [md5, sha256] = [await hashFile(path, 'md5'), await hashFile(path, 'sha256')];
      bundles.push({ name, md5, sha256, bytes, version: version || md5.slice(0, 8), path });
    }
    groups.push(bundles);
  }
  const releases = orderReleases(groups).map(({ version, bundles }) => ({
    version,
    bundles: [...bundles.values()].map(({ name, md5, sha256, bytes }) => {
      const target = targets?.targets[targetPath(name, md5)];
      return { name, md5, bytes, signed: target?.length === bytes && target.hashes.sha256 === sha256 };
    }),
  }));
  return { releases, ...(problem === undefined ? {} : { problem }) };
}

async function readTargets(
  folder: string,
): Promise<{ readonly targets?: Targets; readonly problem?: string }> {
  try {
    return { targets: readTrust(madeByMaker(await readTrustFolder(join(folder, 'metadata')))).targets };
  } catch (error) {
    return { problem: describeError(error) };
  }
}
