import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SecretMasker } from './secret-masker.ts';

/** The definition: the union of all occurrences, each connected part of it one mask. */
function maskNaively(text: string, secrets: readonly string[]): string {
  const inside = Array.from(text, () => false);
  const joined = Array.from(text, () => false);
  for (const secret of secrets.filter((value) => value.trim() !== '')) {
    for (let at = 0; at + secret.length <= text.length; at += 1) {
      if (!text.startsWith(secret, at)) continue;
      for (let i = at; i < at + secret.length; i += 1) {
        inside[i] = true;
        if (i > at) joined[i] = true;
      }
    }
  }
  let out = '';
  for (let i = 0; i < text.length; i += 1) {
    if (!inside[i]) out += text[i];
    else if (!joined[i]) out += '******';
  }
  return out;
}

const letters = (maxLength: number) =>
  fc.array(fc.constantFrom('a', 'b', 'c', '\n'), { maxLength }).map((all) => all.join(''));

test('masks every occurrence of every secret and changes nothing else, wherever the chunks are cut', () => {
  const cases = fc.record({
    text: letters(60),
    secrets: fc.array(letters(6), { maxLength: 4 }),
    cuts: fc.array(fc.nat(60), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(cases, ({ text, secrets, cuts }) => {
      const stream = new SecretMasker(secrets).stream();
      const ends = [...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
      const pieces = ends.map((end, index) =>
        stream.push(Buffer.from(text.slice(ends[index - 1] ?? 0, end))),
      );
      const masked = Buffer.concat([...pieces, stream.end()]).toString();
      expect(masked).toBe(maskNaively(text, secrets));
    }),
    { numRuns: 3000 },
  );
});

test('holds back no more than may be the beginning of a secret', () => {
  const stream = new SecretMasker(['secret']).stream();
  expect(stream.push(Buffer.from('the sec')).toString()).toBe('the ');
  expect(stream.push(Buffer.from('ond')).toString()).toBe('second');
});

test('masks a secret of several lines', () => {
  expect(new SecretMasker(['BEGIN\nabc\nEND']).maskText('x BEGIN\nabc\nEND y')).toBe('x ****** y');
});

test('takes a blank value for no secret', () => {
  expect(new SecretMasker(['', '  ']).maskText('a  b')).toBe('a  b');
});
