import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecodeError } from './decode/decode-error.ts';
import { decodeExtraProperties, encodeExtraProperties } from './extra-properties.ts';

const header = (text: string) => Buffer.from(text).toString('base64');

test('the example of the reference, both ways', () => {
  const properties = new Map([
    ['gocd.agent.foo', 'bar baz'],
    ['a.b', 'c'],
  ]);
  expect(decodeExtraProperties('Z29jZC5hZ2VudC5mb289YmFyJTIwYmF6IGEuYj1j')).toEqual(properties);
  expect(encodeExtraProperties(properties)).toBe('Z29jZC5hZ2VudC5mb289YmFyJTIwYmF6IGEuYj1j');
});

test('a missing or blank header means no properties', () => {
  for (const none of [undefined, null, '', '  ', header('   ')])
    expect(decodeExtraProperties(none).size).toBe(0);
});

test('the first of equal keys wins, and what follows a second = is lost', () => {
  expect([...decodeExtraProperties(header(' a=1   a=2 b=3=4 '))]).toEqual([
    ['a', '1'],
    ['b', '3'],
  ]);
});

test('one bad item spoils all', () => {
  for (const bad of ['a=1 b', 'a=1 b=', '=1']) {
    expect(() => decodeExtraProperties(header(bad))).toThrow(DecodeError);
  }
  expect(() => decodeExtraProperties('not base64!')).toThrow(DecodeError);
});

test('too many properties give an empty header', () => {
  expect(encodeExtraProperties(new Map([['k', 'x'.repeat(3067)]]))).toHaveLength(4092);
  expect(encodeExtraProperties(new Map([['k', 'x'.repeat(3068)]]))).toBe('');
});

test('what is encoded is decoded', () => {
  const word = fc.stringMatching(/^[\w. é-]{1,20}$/);
  fc.assert(
    fc.property(fc.dictionary(word, word), (record) => {
      const properties = new Map(Object.entries(record));
      expect(decodeExtraProperties(encodeExtraProperties(properties))).toEqual(properties);
    }),
  );
});
