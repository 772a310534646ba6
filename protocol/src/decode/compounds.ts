import { DecodeError } from './decode-error.ts';
import { type Decoder, fail, kindOf } from './decoder.ts';
import { below, MAX_DEPTH, type Place, pathOf } from './place.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** One decoder for each property; a property that may be absent takes a decoder that may give `undefined`. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Decoder<T[K] | (object extends Pick<T, K> ? undefined : never)>;
};

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function enter(value: unknown, at: Place): JsonObject {
  if (!isObject(value)) return fail(at, 'an object', value);
  if (at.depth > MAX_DEPTH) throw new DecodeError(pathOf(at), `at most ${MAX_DEPTH} levels`, 'more');
  return value;
}

/** An object. Unknown properties are ignored, absent ones left out; the result's keys have the order of `fields`. */
export function object<T extends object>(fields: Fields<T>): Decoder<T> {
  const entries = Object.entries<Decoder<unknown>>(fields);
  return (value, at) => {
    const input = enter(value, at);
    const output: Record<string, unknown> = {};
    for (const [key, decoder] of entries) {
      const field = decoder(input[key], below(at, key));
      if (field !== undefined) output[key] = field;
    }
    return output as T;
  };
}

export function array<T>(element: Decoder<T>): Decoder<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return fail(at, 'an array', value);
    if (at.depth > MAX_DEPTH) throw new DecodeError(pathOf(at), `at most ${MAX_DEPTH} levels`, 'more');
    return Array.from(value, (item: unknown, index) => element(item, below(at, index)));
  };
}

export function nonEmptyArray<T>(element: Decoder<T>): Decoder<readonly T[]> {
  const decodeAll = array(element);
  return (value, at) => {
    const items = decodeAll(value, at);
    return items.length > 0 ? items : fail(at, 'an array with at least one element', value);
  };
}

/** An object used as a map. Own properties only, so that no key can reach a prototype. */
export function record<T>(element: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, at) => {
    const entries = Object.entries(enter(value, at));
    return Object.fromEntries(entries.map(([key, item]) => [key, element(item, below(at, key))]));
  };
}

/** Absent or null becomes `undefined`. */
export function optional<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (value, at) => (value === undefined || value === null ? undefined : decoder(value, at));
}

/** Absent or null becomes `fallback`: for what a stock server may leave out (reference 4.10). */
export function withDefault<T>(decoder: Decoder<T>, fallback: T): Decoder<T> {
  return (value, at) => (value === undefined || value === null ? fallback : decoder(value, at));
}

/** A discriminator that the context makes superfluous: whatever the input says, the result says `word`. */
export function constant<const W extends string>(word: W): Decoder<W> {
  return () => word;
}

/** An object whose property `tag` names its kind. The tag need not come first (reference 4.2). */
export function tagged<T>(tag: string, kinds: Readonly<Record<string, Decoder<T>>>): Decoder<T> {
  const byName = new Map(Object.entries(kinds));
  return (value, at) => {
    const label = enter(value, at)[tag];
    const decoder = typeof label === 'string' ? byName.get(label) : undefined;
    if (decoder !== undefined) return decoder(value, at);
    // A class name gives no secret away; anything else might.
    const actual = typeof label === 'string' && /^[A-Za-z]{1,60}$/.test(label) ? label : kindOf(label);
    throw new DecodeError(pathOf(below(at, tag)), `one of ${[...byName.keys()].join(', ')}`, actual);
  };
}

/** For types that contain themselves. */
export function lazy<T>(decoder: () => Decoder<T>): Decoder<T> {
  return (value, at) => decoder()(value, at);
}

/** Any JSON, carried as it is. */
export const json: Decoder<unknown> = (value, at) => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : fail(at, 'a finite number', value);
  if (Array.isArray(value)) return array(json)(value, at);
  return isObject(value) ? record(json)(value, at) : fail(at, 'JSON', value);
};

export const jsonObject: Decoder<JsonObject> = record(json);
