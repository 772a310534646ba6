// A valid input of every decoder of signed metadata and of keys.

import { generateSigningKey } from '../trust/index.ts';

const key = generateSigningKey();
const sha256 = 'a'.repeat(64);
const role = { keyids: [key.keyid], threshold: 1 };
const file = { version: 1, length: 2, hashes: { sha256 } };
const common = { spec_version: '1.0.31', version: 1, expires: '2030-01-01T00:00:00Z' };

function document(signed: object) {
  return { signatures: [{ keyid: key.keyid, sig: 'ab' }], signed: { ...common, ...signed } };
}

export const TRUST_EXAMPLES: Readonly<Record<string, readonly unknown[]>> = {
  decodeOnlineKeys: [{ snapshot: [key], timestamp: [key] }],
  decodeRoot: [
    document({
      _type: 'root',
      consistent_snapshot: true,
      keys: { [key.keyid]: key.public },
      roles: { root: role, targets: role, snapshot: role, timestamp: role },
    }),
  ],
  decodeSigningKeys: [[key]],
  decodeSnapshot: [document({ _type: 'snapshot', meta: { 'targets.json': file } })],
  decodeTargets: [
    document({
      _type: 'targets',
      targets: { 'agent/x.zip': { length: 1, hashes: { sha256 }, custom: { version: '1' } } },
    }),
  ],
  decodeTimestamp: [document({ _type: 'timestamp', meta: { 'snapshot.json': file } })],
};
