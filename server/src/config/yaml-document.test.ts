import { expect, test } from 'vitest';
import { YamlDocument } from './yaml-document.ts';

const ANCHORS = 'common: [&first {a: first, b: first}, &second {b: second, c: second}]\n';

test.each([
  ['in a map of one line', 'x: {<<: *first, z: own}', { a: 'first', b: 'first', z: 'own' }],
  ['in a block', 'x:\n  <<: *first\n  z: own', { a: 'first', b: 'first', z: 'own' }],
  ['weaker than own keys before it', 'x: {b: own, <<: *first}', { a: 'first', b: 'own' }],
  ['weaker than own keys after it', 'x: {<<: *first, b: own}', { a: 'first', b: 'own' }],
  ['several, the first strongest', 'x: {<<: [*first, *second]}', { a: 'first', b: 'first', c: 'second' }],
])('a merge key is what it refers to, %s', (_how, text, expected) => {
  const { value, problems } = new YamlDocument('p.yaml', ANCHORS + text);
  expect(problems).toEqual([]);
  expect(value).toMatchObject({ x: expected });
  expect(Object.keys((value as { x: object }).x).toSorted()).toEqual(Object.keys(expected).toSorted());
});

test('a key that is written as text is no merge key', () => {
  const { value } = new YamlDocument('p.yaml', `${ANCHORS}x: {"<<": *first}`);
  expect(value).toMatchObject({ x: { '<<': { a: 'first', b: 'first' } } });
});
