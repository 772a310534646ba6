const HEX_MD5 = /^[0-9a-f]{32}$/i;
const DECIMAL = /^\d{1,15}$/;

/** Lower-case hex of `Content-MD5` and its kin; undefined if it is no MD5 (reference 1.1). */
export function parseMd5(header: string | undefined): string | undefined {
  const text = header?.trim() ?? '';
  return HEX_MD5.test(text) ? text.toLowerCase() : undefined;
}

/** `Repr-Digest` of a SHA-256 in hex (RFC 9530). */
export function formatReprDigest(sha256Hex: string): string {
  return `sha-256=:${Buffer.from(sha256Hex, 'hex').toString('base64')}:`;
}

/** The SHA-256 in lower-case hex; other algorithms beside it are passed over. */
export function parseReprDigest(header: string | undefined): string | undefined {
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(header ?? '')?.[1];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
}

/** `Prefer: wait=30`, also for `Preference-Applied`. Seconds, rounded to whole ones (RFC 7240). */
export function formatPreferWait(seconds: number): string {
  return `wait=${Math.max(0, Math.round(seconds))}`;
}

/** The `wait` preference in seconds; undefined if there is none. The first of several counts (RFC 7240, section 2). */
export function parsePreferWait(header: string | undefined): number | undefined {
  for (const preference of (header ?? '').split(',')) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=');
    if (name.trim().toLowerCase() !== 'wait') continue;
    return parseCount(value.trim().replace(/^"(.*)"$/, '$1'));
  }
  return undefined;
}

/** Bytes, for `Upload-Offset` and `X-Go-Artifact-Size`; undefined if it is no whole number. */
export function parseCount(header: string | undefined): number | undefined {
  const text = header?.trim() ?? '';
  return DECIMAL.test(text) ? Number(text) : undefined;
}
