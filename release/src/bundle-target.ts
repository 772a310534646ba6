import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { checkBundle } from '@go-agent/protocol/bundle-check';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import { whyNotPlainZip } from '@go-agent/protocol/plain-zip';
import { type Target, targetPath } from '@go-agent/protocol/trust';
import { AppError } from '@go-agent/runtime/core';
import AdmZip from 'adm-zip';

export interface BundleTarget {
  readonly name: BundleName;
  readonly version: string;
  /** MD5 of the zip, by which servers announce it. */
  readonly md5: string;
  readonly path: string;
  readonly target: Target;
}

/**
 * What `targets.json` is to say about a bundle. Only what a launcher would run is signed.
 * @throws AppError release-folder
 */
export async function bundleTarget(name: BundleName, zip: string): Promise<BundleTarget> {
  const bytes = await readFile(zip);
  const trick = whyNotPlainZip(bytes);
  const checked =
    trick === undefined
      ? checkBundle(name, new AdmZip(bytes).getEntries())
      : { ok: false as const, reason: trick };
  if (!checked.ok)
    throw new AppError('release-folder', `${zip} is no bundle that may be signed: ${checked.reason}`);
  const { version } = checked.manifest;
  const md5 = createHash('md5').update(bytes).digest('hex');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const target: Target = { length: bytes.length, hashes: { sha256 }, custom: { version } };
  return { name, version, md5, path: targetPath(name, md5), target };
}
