// The kinds of value that a cluster or a profile may hold. On the wire each is a text.
import type { FieldType } from '@go-agent/protocol/elastic';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  /** One sentence that begins with a verb, such as "must be a whole number". */
  | { readonly ok: false; readonly problem: string };

/** What a form shows of a field. */
export interface FieldShape {
  readonly type: FieldType;
  readonly choices?: readonly string[];
}

export interface Field<T> {
  readonly title: string;
  readonly help?: string;
  readonly required: boolean;
  readonly secret: boolean;
  /** As the operator would write it. */
  readonly default?: string;
  readonly shape: FieldShape;
  /** Never called with an empty text. */
  readonly parse: (text: string) => Parsed<T>;
  /** The value when nothing is written and there is no default. */
  readonly empty: T;
}

const TEXT: FieldShape = { type: 'text' };
const LONG: FieldShape = { type: 'long-text' };

export interface FieldOptions {
  /** What a form calls it. */
  readonly title: string;
  readonly help?: string;
  /** Default false. */
  readonly required?: boolean;
  readonly default?: string;
}

/** Absent values are `undefined`, unless the field must be given or has a default. */
type Present<T, O> = O extends { readonly required: true } | { readonly default: string } ? T : T | undefined;

/** One line of text. */
export function text<const O extends FieldOptions>(options: O): Field<Present<string, O>> {
  return field<string, O>(options, TEXT, (value) => ({ ok: true, value }));
}

/** A text of many lines that is passed on as it is, such as YAML. */
export function code<const O extends FieldOptions>(options: O): Field<Present<string, O>> {
  return field<string, O>(options, LONG, (value) => ({ ok: true, value }));
}

/** A text that is stored encrypted, and never shown or logged. */
export function secret<const O extends FieldOptions>(options: O): Field<Present<string, O>> {
  return { ...field<string, O>(options, TEXT, (value) => ({ ok: true, value })), secret: true };
}

export function choice<const W extends string, const O extends FieldOptions>(
  words: readonly W[],
  options: O,
): Field<Present<W, O>> {
  return field<W, O>(options, { type: 'choice', choices: words }, (value) => {
    const word = words.find((each) => each === value);
    return word === undefined ? no(`must be one of ${words.join(', ')}`) : { ok: true, value: word };
  });
}

export function wholeNumber<const O extends FieldOptions & { readonly min?: number; readonly max?: number }>(
  options: O,
): Field<Present<number, O>> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return field<number, O>(options, { type: 'number' }, (value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isSafeInteger(number) && number >= min && number <= max) return { ok: true, value: number };
    return no(
      `must be a whole number of at least ${min}${options.max === undefined ? '' : ` and at most ${max}`}`,
    );
  });
}

/** A number that may have a fraction, such as 0.5 processors. Above zero. */
export function amount<const O extends FieldOptions>(options: O): Field<Present<number, O>> {
  return field<number, O>(options, TEXT, (value) => {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
    return number > 0 ? { ok: true, value: number } : no('must be a number above 0, such as 0.5 or 2');
  });
}

/** Absent is false. */
export function flag(options: Omit<FieldOptions, 'required'>): Field<boolean> {
  const parse = (value: string): Parsed<boolean> => {
    const word = value.toLowerCase();
    return word === 'true' || word === 'false'
      ? { ok: true, value: word === 'true' }
      : no('must be true or false');
  };
  return { ...field<boolean, FieldOptions>(options, { type: 'flag' }, parse), parse, empty: false };
}

/** One value on each line; lines that are empty or begin with # do not count. */
export function lines(options: FieldOptions): Field<readonly string[]> {
  const parse = (value: string): Parsed<readonly string[]> => ({ ok: true, value: split(value) });
  return { ...field(options, LONG, parse), parse, empty: [] };
}

/** NAME=value on each line. */
export function pairs(options: FieldOptions): Field<Readonly<Record<string, string>>> {
  const parse = (value: string): Parsed<Readonly<Record<string, string>>> => {
    const entries = split(value).map((line) => /^([^=\s]+)\s*=(.*)$/.exec(line));
    const wrong = entries.indexOf(null);
    if (wrong >= 0) return no(`must have NAME=value on each line; line ${wrong + 1} has not`);
    return {
      ok: true,
      value: Object.fromEntries(entries.map((entry) => [entry?.[1] ?? '', entry?.[2] ?? ''])),
    };
  };
  return { ...field(options, LONG, parse), parse, empty: {} };
}

const BYTES = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])i?b?|b)?$/i;

/** Such as 512M or 2G, powers of 1024. The value is in bytes. */
export function bytes<const O extends FieldOptions & { readonly min?: number }>(
  options: O,
): Field<Present<number, O>> {
  return field<number, O>(options, TEXT, (value) => {
    const [, number, unit] = BYTES.exec(value) ?? [];
    if (number === undefined) return no('must be a size such as 512M or 2G');
    const size = Math.round(Number(number) * 1024 ** ('kmgt'.indexOf(unit?.toLowerCase() ?? ' ') + 1));
    const { min = 1 } = options;
    return size >= min ? { ok: true, value: size } : no(`must be at least ${min} bytes`);
  });
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Such as 90s, 10m or 2h; a bare number is seconds. The value is in milliseconds. */
export function duration<const O extends FieldOptions>(options: O): Field<Present<number, O>> {
  return field<number, O>(options, TEXT, (value) => {
    const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(value) ?? [];
    if (number === undefined) return no('must be a time such as 90s, 10m or 2h');
    return { ok: true, value: Math.round(Number(number) * (UNITS[unit] ?? 0)) };
  });
}

function field<T, const O extends FieldOptions>(
  { title, help, required = false, default: fallback }: O,
  shape: FieldShape,
  parse: (value: string) => Parsed<T>,
): Field<Present<T, O>> {
  return {
    title,
    ...(help === undefined ? {} : { help }),
    required,
    secret: false,
    ...(fallback === undefined ? {} : { default: fallback }),
    shape,
    parse,
    empty: undefined as Present<T, O>,
  };
}

function split(value: string): readonly string[] {
  return value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function no(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
