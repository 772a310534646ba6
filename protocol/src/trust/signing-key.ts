import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import { array, object } from '../decode/compounds.ts';
import { type Decoder, decodeWith, fail } from '../decode/decoder.ts';
import { string } from '../decode/scalars.ts';
import { canonicalJson } from './canonical-json.ts';

/** The public half as `root.json` has it; always Ed25519. */
export interface PublicSigningKey {
  readonly keytype: 'ed25519';
  readonly scheme: 'ed25519';
  /** 32 bytes in hex. */
  readonly keyval: { readonly public: string };
}

/** Both halves, as a key file has them. The private half is PEM (PKCS 8). */
export interface SigningKey {
  readonly keyid: string;
  readonly public: PublicSigningKey;
  readonly private: string;
}

/** The keys that a server holds, as `keys/online.json` has them. */
export interface OnlineKeys {
  readonly snapshot: readonly SigningKey[];
  readonly timestamp: readonly SigningKey[];
}

/** Of an Ed25519 public key in SPKI DER form, what precedes its 32 bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function generateSigningKey(): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

/** @throws Error if `pem` is no Ed25519 private key */
function signingKey(pem: string): SigningKey {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('it is no Ed25519 key');
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const half: PublicSigningKey = {
    keytype: 'ed25519',
    scheme: 'ed25519',
    keyval: { public: der.subarray(SPKI_PREFIX.length).toString('hex') },
  };
  return { keyid: keyIdOf(half), public: half, private: pem };
}

function keyIdOf(key: PublicSigningKey): string {
  return createHash('sha256').update(canonicalJson(key)).digest('hex');
}

/** Ed25519 over `bytes`, in hex. Same key and bytes, same signature. */
export function signBytes(key: SigningKey, bytes: string): string {
  return sign(null, Buffer.from(bytes), key.private).toString('hex');
}

/** False also for what is no key or no signature. */
export function verifyBytes(key: PublicSigningKey, bytes: string, signature: string): boolean {
  try {
    const der = Buffer.concat([SPKI_PREFIX, Buffer.from(key.keyval.public, 'hex')]);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(bytes), publicKey, Buffer.from(signature, 'hex'));
  } catch {
    return false;
  }
}

/** The file's own word for the public half and the id is not taken: both follow from the private half. */
const signingKeyDecoder: Decoder<SigningKey> = (value, at) => {
  const { private: pem } = object<{ private: string }>({ private: string })(value, at);
  try {
    return signingKey(pem);
  } catch {
    return fail(at, 'an Ed25519 private key in PEM', pem);
  }
};

/** A file of keys: `[{"keyid", "public", "private"}]`. */
export const decodeSigningKeys = decodeWith(array(signingKeyDecoder));

/** `keys/online.json`. */
export const decodeOnlineKeys = decodeWith(
  object<OnlineKeys>({ snapshot: array(signingKeyDecoder), timestamp: array(signingKeyDecoder) }),
);
