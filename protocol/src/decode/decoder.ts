import { DecodeError } from './decode-error.ts';
import { type Place, pathOf, ROOT } from './place.ts';

/** Reads a `T` out of anything, or throws {@link DecodeError}. Builds a new value; the input stays as it is. */
export type Decoder<T> = (value: unknown, at: Place) => T;

export function fail(at: Place, expected: string, value: unknown): never {
  throw new DecodeError(pathOf(at), expected, kindOf(value));
}

/** What a value is, in words that give nothing of it away: it may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}

/** The public form of a decoder, which starts at the root. */
export function decodeWith<T>(decoder: Decoder<T>): (value: unknown) => T {
  return (value) => decoder(value, ROOT);
}
