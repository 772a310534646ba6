import { object, optional } from './decode/compounds.ts';
import type { Decoder } from './decode/decoder.ts';
import { integer, string } from './decode/scalars.ts';

/** GoCD's `CaseInsensitiveString`. `hashCode` is Java's, of the lower-cased name; optional on input (reference 4.2). */
export interface CaseInsensitiveString {
  readonly name: string;
  readonly hashCode?: number;
}

export const caseInsensitiveStringDecoder: Decoder<CaseInsensitiveString> = object<CaseInsensitiveString>({
  name: string,
  hashCode: optional(integer),
});

/** With the hash code that a stock peer would send. */
export function caseInsensitiveString(name: string): CaseInsensitiveString {
  return { name, hashCode: javaHashCode(name.toLowerCase()) };
}

/** Java's `String.hashCode`: over UTF-16 units, wrapped to a signed 32-bit number. */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
