// Parsing one part of a file inside another's schema: its problems appear at their own place, all of them at once.

import { z } from 'zod';

export type Context = z.core.$RefinementCtx;

/** A schema for what is read from a file. */
export type Schema<T> = z.ZodType<T, unknown>;

/** What `value` is by `schema`; if it is not, the problems are reported and the answer must not be used. */
export function parseInto<T>(
  schema: Schema<T>,
  value: unknown,
  path: readonly PropertyKey[],
  context: Context,
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) report(context, [...path, ...issue.path], issue.message);
  return z.NEVER;
}

export function report(context: Context, path: readonly PropertyKey[], message: string): void {
  context.addIssue({ code: 'custom', path: [...path], message, input: undefined });
}

/** A schema from a function that reports what is wrong; what it then returns is not used. */
export function reader<T>(read: (value: unknown, context: Context) => T): Schema<T> {
  return z.unknown().transform((value, context) => read(value, context));
}

/** Goes on with what `schema` has read, if nothing was wrong with it. */
export function andThen<T, U>(schema: Schema<T>, go: (value: T, context: Context) => U): Schema<U> {
  return reader((value, context) => {
    const result = schema.safeParse(value);
    if (result.success) return go(result.data, context);
    for (const issue of result.error.issues) report(context, issue.path, issue.message);
    return z.NEVER;
  });
}
