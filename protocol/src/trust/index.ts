// Signed metadata of The Update Framework: documents, keys, and what a server signs. The launcher does not trust this code
// with verification: that is the work of tuf-js.
export { canonicalJson } from './canonical-json.ts';
export {
  decodeRoot,
  decodeSnapshot,
  decodeTargets,
  decodeTimestamp,
  expiryDate,
  goodSignatures,
  type RoleKeys,
  type Root,
  type SignedDocument,
  type Snapshot,
  SPEC_VERSION,
  signDocument,
  type Target,
  type Targets,
  type Timestamp,
  TRUST_ROLES,
  type TrustRole,
  targetPath,
} from './metadata.ts';
export { type SignOnline, SNAPSHOT_MS, signOnline, TIMESTAMP_MS } from './sign-online.ts';
export {
  decodeOnlineKeys,
  decodeSigningKeys,
  generateSigningKey,
  type OnlineKeys,
  type PublicSigningKey,
  type SigningKey,
} from './signing-key.ts';
export { isTrustFile, newestTrustFile, TRUST_PATH, trustPath } from './trust-files.ts';
