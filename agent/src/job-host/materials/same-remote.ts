import { splitCredentials } from './url-credentials.ts';

/** Two spellings of one URL: without credentials, one slash at the end, `file://`, letter case. */
export function isSameRemote(one: string, other: string): boolean {
  return plainUrl(one) === plainUrl(other);
}

function plainUrl(url: string): string {
  const plain = splitCredentials(url)
    .url.replace(/^file:\/\//i, '')
    .replace(/\/$/, '');
  try {
    return decodeURIComponent(plain).toLowerCase();
  } catch {
    return plain.toLowerCase();
  }
}
