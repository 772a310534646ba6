import type { Setting } from './setting.ts';

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** What is wrong with the form of a value; undefined if nothing is. Agrees with the agent's own parser. */
export function judgeValue(setting: Setting, value: string): string | undefined {
  switch (setting.kind) {
    case 'time':
      return parseTime(value) === undefined
        ? 'expected a number with one of the units ms, s, m, h, d'
        : undefined;
    case 'size':
      return parseSize(value) === undefined
        ? 'expected a number with one of the units B, K, M, G, T'
        : undefined;
    case 'choice': {
      const choices = setting.choices ?? [];
      const isOne = choices.some((choice) => choice.toLowerCase() === value.toLowerCase());
      return isOne ? undefined : `expected one of ${choices.join(', ')}`;
    }
    case 'text':
    case 'list':
    case 'url':
    case 'file':
    case 'folder':
    case 'user':
      return undefined;
    default:
      return setting.kind satisfies never;
  }
}

/** In milliseconds. */
export function parseTime(text: string): number | undefined {
  return parseNumber(text, MS_PER_UNIT, 'ms');
}

/** In bytes. */
export function parseSize(text: string): number | undefined {
  return parseNumber(text, BYTES_PER_UNIT, 'B');
}

function parseNumber(
  text: string,
  units: Readonly<Record<string, number>>,
  unit: string,
): number | undefined {
  const [, digits, suffix] = /^(\d+)\s*([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = units[suffix === undefined || suffix === '' ? unit : suffix];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
