import { decodeSigningKeys, type SigningKey } from '@go-agent/protocol/trust';
import type { SeededRandom } from '../seeded-random.ts';

/** Of an Ed25519 private key in PKCS 8 DER form, what precedes its 32 bytes. */
const PREFIX = '302e020100300506032b657004220420';

/** The same key for the same seed. */
export function seededKey(random: SeededRandom): SigningKey {
  const bytes = Buffer.from(Array.from({ length: 32 }, () => random.integer(0, 255)));
  const der = Buffer.concat([Buffer.from(PREFIX, 'hex'), bytes]).toString('base64');
  const pem = `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
  const [key] = decodeSigningKeys([{ private: pem }]);
  if (key === undefined) throw new Error('One key was given');
  return key;
}
