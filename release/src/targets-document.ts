import {
  decodeTargets,
  expiryDate,
  newestTrustFile,
  type Root,
  type SigningKey,
  SPEC_VERSION,
  signDocument,
  type Targets,
} from '@go-agent/protocol/trust';
import { AppError } from '@go-agent/runtime/core';

const DAY_MS = 86_400_000;
const TARGETS_DAYS = 365;

export interface SignTargets {
  readonly targets: Targets['targets'];
  /** Version of the document that this one follows; 0 for the first one. */
  readonly previousVersion: number;
  readonly root: Root;
  readonly keys: readonly SigningKey[];
  /** Ms since the epoch. */
  readonly now: number;
  readonly days?: number | undefined;
}

/**
 * The list of the bundles that may run. Its version is the second of its signing, or one more than the last: two who
 * sign the same at once write the same bytes or different files.
 * @throws AppError release-keys if no key at hand is one that the root names
 */
export function signTargets(options: SignTargets): { readonly name: string; readonly bytes: Buffer } {
  const { targets, previousVersion, root, now, days = TARGETS_DAYS } = options;
  const keys = options.keys.filter(({ keyid }) => root.roles.targets.keyids.includes(keyid));
  if (keys.length < root.roles.targets.threshold) {
    throw new AppError(
      'release-keys',
      `No targets key here is one that ${root.version}.root.json names. Remedy: bring the targets-*.json file back, or --rotate-root --replace targets`,
    );
  }
  const version = Math.max(previousVersion + 1, Math.floor(now / 1000));
  const document: Targets = {
    _type: 'targets',
    spec_version: SPEC_VERSION,
    version,
    expires: expiryDate(now + days * DAY_MS),
    targets,
  };
  return { name: `${version}.targets.json`, bytes: signDocument(document, keys) };
}

/** What the newest list says; an empty one of version 0 if there is none. */
export function readNewestTargets(
  files: ReadonlyMap<string, Uint8Array>,
): Pick<Targets, 'version' | 'targets'> {
  const name = newestTrustFile(files.keys(), 'targets');
  const bytes = name === undefined ? undefined : files.get(name);
  if (bytes === undefined) return { version: 0, targets: {} };
  try {
    return decodeTargets(JSON.parse(Buffer.from(bytes).toString())).signed;
  } catch (cause) {
    throw new AppError(
      'release-folder',
      `metadata/${name} is damaged. Remedy: remove it; then add each release again`,
      { cause },
    );
  }
}
