import {
  decodeRoot,
  expiryDate,
  goodSignatures,
  newestTrustFile,
  type PublicSigningKey,
  type RoleKeys,
  type Root,
  type SigningKey,
  SPEC_VERSION,
  signDocument,
  TRUST_ROLES,
  type TrustRole,
} from '@go-agent/protocol/trust';
import { AppError } from '@go-agent/runtime/core';

const DAY_MS = 86_400_000;
const ROOT_DAYS = 1_095;

/** What a root says about a key. */
export type NamedKey = Pick<SigningKey, 'keyid' | 'public'>;
export type RootKeys = Readonly<Record<TrustRole, readonly NamedKey[]>>;

export interface NewRoot {
  readonly keys: RootKeys;
  /** How many of the root keys must sign; of all other keys, one. */
  readonly threshold: number;
  /** Root keys at hand. */
  readonly signers: readonly SigningKey[];
  /** Ms since the epoch. */
  readonly now: number;
  readonly days?: number | undefined;
}

/** The first root: a bootstrapper that carries it trusts these keys. */
export function firstRoot(options: NewRoot): Buffer {
  return signDocument(rootOf(options, 1), options.signers);
}

/**
 * The next root, signed with keys of the previous one and of its own: whoever trusts the one before follows.
 * @throws AppError release-keys if the keys at hand are too few
 */
export function nextRoot({ previous, ...options }: NewRoot & { readonly previous: Root }): Buffer {
  const root = rootOf(options, previous.version + 1);
  const named = new Set([...previous.roles.root.keyids, ...root.roles.root.keyids]);
  const bytes = signDocument(
    root,
    options.signers.filter(({ keyid }) => named.has(keyid)),
  );
  const document = decodeRoot(JSON.parse(bytes.toString()));
  for (const judge of [previous, root]) {
    const good = goodSignatures(document, judge, 'root').length;
    const { threshold } = judge.roles.root;
    if (good < threshold) {
      throw new AppError(
        'release-keys',
        `${good} of the ${threshold} root keys that ${judge.version}.root.json asks for are here. Remedy: bring the other root-*.json files back`,
      );
    }
  }
  return bytes;
}

/** The keys that a root names for a role. */
export function namedKeys({ keys, roles }: Root, role: TrustRole): NamedKey[] {
  return roles[role].keyids.flatMap((keyid) => {
    const key = keys[keyid];
    return key === undefined ? [] : [{ keyid, public: key }];
  });
}

/** @throws AppError release-keys if there is none */
export function readNewestRoot(roots: ReadonlyMap<string, Uint8Array>): Root {
  const name = newestTrustFile(roots.keys(), 'root');
  const bytes = name === undefined ? undefined : roots.get(name);
  if (bytes === undefined)
    throw new AppError('release-keys', 'The folder of keys has no roots/1.root.json. Remedy: --init-keys');
  return decodeRoot(JSON.parse(Buffer.from(bytes).toString())).signed;
}

function rootOf({ keys, threshold, now, days = ROOT_DAYS }: NewRoot, version: number): Root {
  if (threshold < 1 || threshold > keys.root.length)
    throw new AppError(
      'release-keys',
      `${keys.root.length} root keys cannot have a threshold of ${threshold}`,
    );
  const roleKeys = (role: TrustRole): RoleKeys => ({
    keyids: keys[role].map(({ keyid }) => keyid),
    threshold: role === 'root' ? threshold : 1,
  });
  const all = TRUST_ROLES.flatMap((role) => keys[role]);
  return {
    _type: 'root',
    spec_version: SPEC_VERSION,
    version,
    expires: expiryDate(now + days * DAY_MS),
    consistent_snapshot: true,
    keys: Object.fromEntries(all.map((key): [string, PublicSigningKey] => [key.keyid, key.public])),
    roles: {
      root: roleKeys('root'),
      targets: roleKeys('targets'),
      snapshot: roleKeys('snapshot'),
      timestamp: roleKeys('timestamp'),
    },
  };
}
