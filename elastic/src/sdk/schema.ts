import type { ConfigurationField } from '@go-agent/protocol/elastic';
import type { Field } from './field.ts';

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The values that fields have once they are read. */
export type Values<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

export interface FieldProblem {
  /** The field's name; empty if it is about several. */
  readonly key: string;
  readonly message: string;
}

export type ReadValues<F extends Fields> =
  | { readonly ok: true; readonly values: Values<F> }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** All problems at once, or the values. No message holds a value: it may be a secret. */
export function readValues<F extends Fields>(
  fields: F,
  properties: Readonly<Record<string, string | null | undefined>>,
): ReadValues<F> {
  const problems: FieldProblem[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(fields)) {
    const given = properties[key]?.trim() || field.default || '';
    if (given === '') {
      values[key] = field.empty;
      if (field.required) problems.push({ key, message: `${field.title} must be given.` });
      continue;
    }
    const parsed = field.parse(given);
    if (parsed.ok) values[key] = parsed.value;
    else problems.push({ key, message: `${field.title} ${parsed.problem}.` });
  }
  for (const key of Object.keys(properties)) {
    if (!Object.hasOwn(fields, key))
      problems.push({ key, message: `${key} is no setting here; ${listOf(fields)}.` });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, values: values as Values<F> };
}

/** The fields as the server takes them, to make forms of. */
export function configurationFields(fields: Fields): readonly ConfigurationField[] {
  return Object.entries(fields).map(([key, { title, help, required, secret, default: fallback, shape }]) => ({
    key,
    title,
    ...(help === undefined ? {} : { description: help }),
    type: shape.type,
    required,
    secret,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(shape.choices === undefined ? {} : { choices: shape.choices }),
  }));
}

/** The values of all secret fields; of several lines, each by itself and what follows its `=`, too. */
export function secretsOf(fields: Fields, properties: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    if (!fields[key]?.secret || value === '') return [];
    const lines = value.split('\n').map((line) => line.trim());
    return [value, ...(lines.length > 1 ? lines : []), ...lines.map((line) => line.replace(/^[A-Z_]+=/, ''))];
  });
}

function listOf(fields: Fields): string {
  const names = Object.keys(fields);
  return names.length === 0 ? 'there are none' : `known are ${names.join(', ')}`;
}
