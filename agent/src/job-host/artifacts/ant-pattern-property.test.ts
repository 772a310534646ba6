import { expect, test } from 'vitest';
import { isMatch, nextState, parseAntPattern, startState } from './ant-pattern.ts';

/** Numbers in [0, 1) that follow from the seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function matches(source: string, path: string): boolean {
  const pattern = parseAntPattern(source);
  let state = startState(pattern);
  for (const name of path === '' ? [] : path.split('/')) state = nextState(pattern, state, name);
  return isMatch(pattern, state);
}

/** Ant's definition word for word, by trying everything: slow, and without any idea of states. */
function byDefinition(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return path.length === 0;
  if (first === '**') {
    return Array.from({ length: path.length + 1 }, (_, i) => path.slice(i)).some((tail) =>
      byDefinition(rest, tail),
    );
  }
  const [name, ...below] = path;
  return name !== undefined && segmentByDefinition(first, name) && byDefinition(rest, below);
}

function segmentByDefinition(pattern: string, name: string): boolean {
  const first = pattern[0];
  if (first === undefined) return name === '';
  if (first === '*') {
    return Array.from({ length: name.length + 1 }, (_, i) => name.slice(i)).some((tail) =>
      segmentByDefinition(pattern.slice(1), tail),
    );
  }
  return (
    name !== '' &&
    (first === '?' || first === name[0]) &&
    segmentByDefinition(pattern.slice(1), name.slice(1))
  );
}

test('patterns match what their definition says, over random patterns and paths', () => {
  const seed = Number(process.hrtime.bigint() % 2n ** 32n);
  const random = seeded(seed);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)] ?? '';
  const several = (from: readonly string[], least: number, most: number) =>
    Array.from({ length: least + Math.floor(random() * (most - least + 1)) }, () => pick(from));
  const segment = () =>
    random() < 0.3 ? '**' : several(['a', 'b', '.', '*', '?', '{a}', '[b]', '('], 1, 3).join('');
  let hits = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const pattern = Array.from({ length: 1 + Math.floor(random() * 4) }, segment);
    const path = several(['a', 'b', 'ab', '.a', 'ba', '{a}', 'b.', 'a(b'], 0, 4);
    const expected = byDefinition(pattern, path);
    if (expected) hits += 1;
    const text = `seed ${seed}: ${pattern.join('/')} against ${path.join('/')}`;
    expect(matches(pattern.join('/'), path.join('/')), text).toBe(expected);
  }
  expect(hits).toBeGreaterThan(1000);
});

test('a hostile pattern takes no time', () => {
  expect(matches(`${'*a'.repeat(12)}/${'**/'.repeat(40)}x`, `${'a'.repeat(200)}/${'y/'.repeat(200)}y`)).toBe(
    false,
  );
});
