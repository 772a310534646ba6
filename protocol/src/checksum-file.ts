import { formatProperty, parseProperties } from './java-properties.ts';

/**
 * Java properties of artifact path to MD5: the part `file_checksum` of an upload, and `cruise-output/md5.checksum`
 * (reference 6.2). ISO-8859-1; the last of equal keys wins.
 */
export function parseChecksumFile(bytes: Uint8Array): ReadonlyMap<string, string> {
  return parseProperties(Buffer.from(bytes).toString('latin1'));
}

/** @param checksums path with `/` and no leading slash, to MD5 in hex. @param atMs epoch milliseconds, for the comment. */
export function formatChecksumFile(checksums: Iterable<readonly [string, string]>, atMs: number): Buffer {
  const lines = ['#', `#${javaDate(atMs)}`];
  for (const [path, md5] of checksums) lines.push(formatProperty(path, md5));
  return Buffer.from(`${lines.join('\n')}\n`, 'latin1');
}

/** `Sat Aug 22 13:40:03 UTC 2026`, as Java's `Date.toString`. */
function javaDate(atMs: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = new Date(atMs).toUTCString().split(' ');
  return [weekday.replace(',', ''), month, day, time, 'UTC', year].join(' ');
}
