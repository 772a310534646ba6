// Texts and what GoCD reads from them (reference: server-config-api 1.1, scalars).

import { z } from 'zod';
import { andThen, type Context, parseInto, reader, report, type Schema } from './parse-into.ts';

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);

export const text: Schema<string> = reader((value, context) =>
  typeof value === 'string' ? value : fail(context, value, 'a text'),
);

export const nonBlank: Schema<string> = andThen(text, (value, context) => {
  if (value.trim() === '') report(context, [], 'must not be blank');
  return value;
});

export const flag: Schema<boolean> = reader((value, context) => {
  if (typeof value === 'string' && TRUE.has(value)) return true;
  if (typeof value === 'string' && FALSE.has(value)) return false;
  return fail(context, value, 'a boolean value (true or false)');
});

export function wholeNumber({ min }: { readonly min: number }): Schema<number> {
  return reader((value, context) => {
    const number = typeof value === 'string' && /^[+-]?\d{1,9}$/.test(value) ? Number(value) : undefined;
    return number !== undefined && number >= min
      ? number
      : fail(context, value, `a whole number, at least ${min}`);
  });
}

export function oneOf<const T extends string>(words: readonly T[]): Schema<T> {
  const expected = words.map((word) => `"${word}"`).join(' or ');
  return reader((value, context) => words.find((word) => word === value) ?? fail(context, value, expected));
}

/** Absent and null are the same. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined>;
export function optional<T>(schema: Schema<T>, fallback: T): Schema<T>;
export function optional<T>(schema: Schema<T>, fallback?: T): Schema<T | undefined> {
  return reader((value, context) =>
    value === undefined || value === null ? fallback : parseInto(schema, value, [], context),
  );
}

/** A key of GoCD's that this server does not know how to obey yet: better refused than ignored. */
export function unsupported(why: string): Schema<undefined> {
  return reader((value, context) => {
    if (value !== undefined && value !== null) report(context, [], why);
    return undefined;
  });
}

/** Whatever is there is accepted and not used. */
export const ignored: Schema<unknown> = reader((value) => value);

export function fail(context: Context, value: unknown, expected: string): never {
  const missing = value === undefined || value === null;
  report(context, [], missing ? 'is required' : `expected ${expected}, got ${describe(value)}`);
  return z.NEVER;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 60)}…` : value}"`;
  return Array.isArray(value) ? 'a list' : 'a hash';
}
