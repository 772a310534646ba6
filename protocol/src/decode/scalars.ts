import { type Decoder, fail } from './decoder.ts';

export const string: Decoder<string> = (value, at) =>
  typeof value === 'string' ? value : fail(at, 'a string', value);

export const boolean: Decoder<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : fail(at, 'true or false', value);

/** A Java int or long. Beyond 2^53 a JSON number would silently become another one, so that is refused. */
export const integer: Decoder<number> = (value, at) => {
  if (typeof value !== 'number') return fail(at, 'a whole number', value);
  if (!Number.isSafeInteger(value)) return fail(at, 'a whole number within 2^53', value);
  return value === 0 ? 0 : value;
};

/** A number of bytes. Network file systems report up to 2^63: those are cut to 2^53, which is as good as endless. */
export const byteCount: Decoder<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isInteger(value))
    return fail(at, 'a whole number of bytes', value);
  return Math.max(0, Math.min(value, Number.MAX_SAFE_INTEGER));
};

/** Seconds and an offset are mandatory, up to nine digits of a fraction allowed (reference 4.2). */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d(:?\d\d)?)$/;

/** A `java.util.Date`, kept as its text. */
export const instant: Decoder<string> = (value, at) =>
  typeof value === 'string' && INSTANT.test(value) ? value : fail(at, 'an ISO-8601 instant', value);

/** A text that is one of `words`. An unknown one counts as absent, as with Gson's enums (reference 4.2). */
export function oneOf<const W extends string>(words: readonly W[]): Decoder<W> {
  const known = knownWord(words);
  return (value, at) => known(value, at) ?? fail(at, `one of ${words.join(', ')}`, value);
}

/** Like {@link oneOf}, for a field that may be absent. */
export function knownWord<const W extends string>(words: readonly W[]): Decoder<W | undefined> {
  return (value, at) => {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') return fail(at, 'a string', value);
    return words.find((word) => word === value);
  };
}
