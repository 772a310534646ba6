import { BundleName } from '@go-agent/protocol/launch-contract';
import { MemoryRelease } from '@go-agent/release/testing';
import type { SeededRandom } from '../seeded-random.ts';
import { type BundleZip, bundleZip } from './bundle-zip.ts';
import { seededKey } from './seeded-key.ts';

const HOUR_MS = 3_600_000;

export type TrustFiles = ReadonlyMap<string, Buffer>;
type Zips = Readonly<Record<BundleName, BundleZip>>;

/** A release maker, what he signed in the course of time, and what others would like agents to run. */
export interface World {
  readonly now: number;
  readonly release: MemoryRelease;
  /** A release maker of another project. */
  readonly other: MemoryRelease;
  /** `old` was signed before `seen`, which the agent knows, and that before `newest`. */
  readonly old: TrustFiles;
  readonly seen: TrustFiles;
  readonly newest: TrustFiles;
  /** Run in the beginning. */
  readonly good: Zips;
  /** Signed in `newest`. */
  readonly next: Zips;
  /** Signed in `old` only: taken off since. */
  readonly revoked: Zips;
  /** Signed by nobody, or by the other. */
  readonly evil: Zips;
}

export function makeWorld(random: SeededRandom): World {
  const newKey = () => seededKey(random);
  const now = Date.now();
  const release = new MemoryRelease({ newKey, now: now - 24 * HOUR_MS });
  const other = new MemoryRelease({ newKey, now: now - 24 * HOUR_MS });
  const [good, next, revoked, evil] = [zips('good'), zips('next'), zips('revoked'), zips('evil')];
  list(release, good);
  list(release, revoked);
  const old = release.sign({ now: now - 2 * HOUR_MS });
  for (const { name, bytes } of Object.values(revoked)) release.unlist(name, bytes);
  const seen = release.sign({ now: now - HOUR_MS });
  list(release, next);
  const newest = release.sign({ now });
  list(other, evil);
  list(other, revoked);
  other.sign({ now });
  return { now, release, other, old, seen, newest, good, next, revoked, evil };
}

function zips(label: string): Zips {
  const of = (name: BundleName) => bundleZip(name, label);
  return {
    [BundleName.launcher]: of(BundleName.launcher),
    [BundleName.agent]: of(BundleName.agent),
    [BundleName.plugins]: of(BundleName.plugins),
  };
}

function list(release: MemoryRelease, bundles: Zips): void {
  for (const { name, bytes } of Object.values(bundles)) release.list(name, bytes);
}
