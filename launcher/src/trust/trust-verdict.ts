/** What the signed metadata says about one bundle. */
export type TrustVerdict =
  /** It may run if it has this length in bytes and this SHA-256 in hex. */
  | { readonly type: 'trusted'; readonly length: number; readonly sha256: string }
  | { readonly type: 'refused'; readonly reason: string }
  /** The metadata cannot be fetched: neither yes nor no. */
  | { readonly type: 'unknown'; readonly reason: string };
