import { BundleName } from '@go-agent/protocol/launch-contract';
import { compareVersions } from './compare-versions.ts';
import type { OfferedBundle, Release } from './release.ts';

/**
 * The releases, newest first. What has the same version as an earlier one of `groups` is left out: a version names one
 * content, and the first group is the one that the operator put at the top of the folder.
 */
export function orderReleases(groups: readonly (readonly OfferedBundle[])[]): Release[] {
  const releases = new Map<string, Release>();
  for (const bundles of groups) {
    const version = versionOf(bundles);
    if (version === undefined || releases.has(version)) continue;
    releases.set(version, { version, bundles: new Map(bundles.map((bundle) => [bundle.name, bundle])) });
  }
  return [...releases.values()].toSorted((a, b) => compareVersions(b.version, a.version));
}

function versionOf(bundles: readonly OfferedBundle[]): string | undefined {
  const of = (name: BundleName) => bundles.find((bundle) => bundle.name === name)?.version;
  return of(BundleName.agent) ?? of(BundleName.launcher) ?? of(BundleName.plugins);
}
