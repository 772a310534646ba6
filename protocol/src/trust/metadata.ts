// The documents of The Update Framework, as far as this project uses it: four roles, no delegations, consistent snapshots.
// https://theupdateframework.github.io/specification/v1.0.31/
import { array, object, optional, record } from '../decode/compounds.ts';
import { type Decoder, decodeWith, fail } from '../decode/decoder.ts';
import { boolean, instant, integer, oneOf, string } from '../decode/scalars.ts';
import { canonicalJson } from './canonical-json.ts';
import { type PublicSigningKey, type SigningKey, signBytes, verifyBytes } from './signing-key.ts';

export const TRUST_ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;
export type TrustRole = (typeof TRUST_ROLES)[number];

interface Common {
  readonly _type: TrustRole;
  readonly spec_version: string;
  readonly version: number;
  /** ISO 8601, whole seconds, UTC. */
  readonly expires: string;
}

export interface RoleKeys {
  readonly keyids: readonly string[];
  readonly threshold: number;
}

export interface Root extends Common {
  readonly _type: 'root';
  readonly consistent_snapshot: boolean;
  readonly keys: Readonly<Record<string, PublicSigningKey>>;
  readonly roles: Readonly<Record<TrustRole, RoleKeys>>;
}

/** One bundle that may run. Its path is {@link targetPath}. */
export interface Target {
  readonly length: number;
  readonly hashes: { readonly sha256: string };
  readonly custom?: { readonly version?: string | undefined } | undefined;
}

export interface Targets extends Common {
  readonly _type: 'targets';
  readonly targets: Readonly<Record<string, Target>>;
}

/** What one document says about another one. */
export interface MetaFile {
  readonly version: number;
  readonly length: number;
  readonly hashes: { readonly sha256: string };
}

export interface Snapshot extends Common {
  readonly _type: 'snapshot';
  readonly meta: { readonly 'targets.json': MetaFile };
}

export interface Timestamp extends Common {
  readonly _type: 'timestamp';
  readonly meta: { readonly 'snapshot.json': MetaFile };
}

export interface Signature {
  readonly keyid: string;
  /** Hex. */
  readonly sig: string;
}

export interface SignedDocument<T> {
  readonly signatures: readonly Signature[];
  readonly signed: T;
}

export const SPEC_VERSION = '1.0.31';

/** A bundle's name in `targets.json`, by the MD5 that a server announces it with. */
export function targetPath(bundleName: string, md5: string): string {
  return `${bundleName}/${md5}.zip`;
}

/** As the documents have it. */
export function expiryDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A document as it is stored and served. */
export function signDocument<T extends Common>(signed: T, keys: readonly SigningKey[]): Buffer {
  const bytes = canonicalJson(signed);
  const signatures = keys.map((key) => ({ keyid: key.keyid, sig: signBytes(key, bytes) }));
  return Buffer.from(`${JSON.stringify({ signatures, signed }, null, 1)}\n`);
}

/** The ids among a role's keys whose signatures under a document are good. */
export function goodSignatures(
  document: SignedDocument<Common>,
  { keys, roles }: Pick<Root, 'keys' | 'roles'>,
  role: TrustRole,
): string[] {
  const bytes = canonicalJson(document.signed);
  return roles[role].keyids.filter((keyid) => {
    const key = keys[keyid];
    const signature = document.signatures.find((one) => one.keyid === keyid);
    return key !== undefined && signature !== undefined && verifyBytes(key, bytes, signature.sig);
  });
}

const publicKey: Decoder<PublicSigningKey> = object<PublicSigningKey>({
  keytype: oneOf(['ed25519']),
  scheme: oneOf(['ed25519']),
  keyval: object<{ public: string }>({ public: string }),
});
const sha256 = object<{ sha256: string }>({ sha256: string });
const roleKeys = object<RoleKeys>({ keyids: array(string), threshold: integer });
const metaFile = object<MetaFile>({ version: integer, length: integer, hashes: sha256 });
const target = object<Target>({
  length: integer,
  hashes: sha256,
  custom: optional(object<{ version?: string | undefined }>({ version: optional(string) })),
});

function documentDecoder<T extends Common>(type: T['_type'], own: Decoder<Omit<T, keyof Common>>) {
  const common = object<Omit<Common, '_type'>>({ spec_version: string, version: integer, expires: instant });
  const signed: Decoder<T> = (value, at) => {
    const { _type } = object<{ _type: string }>({ _type: string })(value, at);
    if (_type !== type) return fail(at, `a document of type ${type}`, value);
    return { _type, ...common(value, at), ...own(value, at) } as unknown as T;
  };
  const signature = object<Signature>({ keyid: string, sig: string });
  return decodeWith(object<SignedDocument<T>>({ signatures: array(signature), signed }));
}

export const decodeRoot = documentDecoder<Root>(
  'root',
  object<Omit<Root, keyof Common>>({
    consistent_snapshot: boolean,
    keys: record(publicKey),
    roles: object<Record<TrustRole, RoleKeys>>({
      root: roleKeys,
      targets: roleKeys,
      snapshot: roleKeys,
      timestamp: roleKeys,
    }),
  }),
);
export const decodeTargets = documentDecoder<Targets>(
  'targets',
  object<Omit<Targets, keyof Common>>({ targets: record(target) }),
);
export const decodeSnapshot = documentDecoder<Snapshot>(
  'snapshot',
  object<Omit<Snapshot, keyof Common>>({ meta: object<Snapshot['meta']>({ 'targets.json': metaFile }) }),
);
export const decodeTimestamp = documentDecoder<Timestamp>(
  'timestamp',
  object<Omit<Timestamp, keyof Common>>({ meta: object<Timestamp['meta']>({ 'snapshot.json': metaFile }) }),
);
