// Maps and lists of GoCD's dialect.

import { nameKey } from '../../domain/names.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Context, parseInto, reader, report, type Schema } from './parse-into.ts';
import { fail } from './scalars.ts';

type Shape = Readonly<Record<string, Schema<unknown>>>;
type Shaped<S extends Shape> = { readonly [K in keyof S]: S[K] extends Schema<infer T> ? T : never };

/** A map of known keys. @param what how messages call it */
export function strictMap<S extends Shape>(what: string, shape: S): Schema<Shaped<S>> {
  const allowed = Object.keys(shape);
  return reader((value, context) => {
    if (!isMap(value)) return fail(context, value, `${what} to be a hash`);
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(shape, key)) report(context, [key], unknownKey(key, what, allowed));
    }
    const entries = Object.entries(shape).map(
      ([key, schema]) =>
        [key, parseInto(schema, Object.hasOwn(value, key) ? value[key] : undefined, [key], context)] as const,
    );
    // The entries are those of the shape, parsed by its schemas.
    return Object.fromEntries(entries) as Shaped<S>;
  });
}

function unknownKey(key: string, what: string, allowed: readonly string[]): string {
  const near = didYouMean(key, allowed);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return `unknown key "${key}" in ${what}.${hint} Allowed keys: ${allowed.join(', ')}`;
}

interface Naming {
  /** What is wrong with a name, if anything is. */
  readonly problemOf?: (name: string) => string | undefined;
  /** Default false: names that differ in case only are the same. */
  readonly caseSensitive?: boolean;
}

/** A map from names to values, in the order of the file. */
export function namedMap<T>(
  what: string,
  schema: (name: string) => Schema<T>,
  { problemOf = () => undefined, caseSensitive = false }: Naming = {},
): Schema<T[]> {
  return reader((value, context) => {
    if (!isMap(value)) return fail(context, value, `a hash of ${what}s`);
    const seen = new Set<string>();
    return Object.entries(value).map(([name, item]) => {
      const problem = problemOf(name) ?? (caseSensitive ? undefined : duplicateProblem(seen, what, name));
      if (problem !== undefined) report(context, [name], problem);
      return parseInto(schema(name), item, [name], context);
    });
  });
}

/** A list; a list inside it is flattened, so that an alias may bring several items. */
export function listOf<T>(what: string, schema: Schema<T>): Schema<T[]> {
  return reader((value, context) => {
    if (!Array.isArray(value)) return fail(context, value, `a list of ${what}s`);
    return flatten(value, [], (item, path) => parseInto(schema, item, path, context));
  });
}

/** A map with one key, which says what it is: a stage's name, a task's kind. */
export function oneKeyMap<T>(
  what: string,
  read: (key: string, value: unknown, context: Context) => T,
): Schema<T> {
  return reader((value, context) => {
    if (!isMap(value)) return fail(context, value, `${what} to be a hash with one key`);
    const [key, ...rest] = Object.keys(value);
    if (key === undefined || rest.length > 0) {
      const found = key === undefined ? 'none' : `${key}, ${rest.join(', ')} (wrong indentation?)`;
      return fail(context, value, `${what} to be a hash with exactly one key; its keys are: ${found};`);
    }
    return read(key, value[key], context);
  });
}

export function duplicateProblem(seen: Set<string>, what: string, name: string): string | undefined {
  const key = nameKey(name);
  if (seen.has(key))
    return `${what} "${name}" is defined more than once (upper and lower case do not make names different)`;
  seen.add(key);
  return undefined;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function flatten<T>(
  items: readonly unknown[],
  path: readonly number[],
  read: (item: unknown, path: readonly number[]) => T,
): T[] {
  return items.flatMap((item, index) =>
    Array.isArray(item) ? flatten(item, [...path, index], read) : [read(item, [...path, index])],
  );
}
