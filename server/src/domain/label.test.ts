import { expect, test } from 'vitest';
import { labelTemplateProblem, makeLabel, materialsOfLabel } from './label.ts';

const values = { counter: 7, materials: { Code: 'abcdef123', up: '1.4' }, variables: { REL: '2' } };

test.each([
  ['${COUNT}', '7'],
  ['1.${count}-${code[:3]}', '1.7-abc'],
  ['${UP}.${env:REL}.${env:NONE}', '1.4.2.'],
  ['x-${unknown}', 'x-${unknown}'],
])('the template %s makes %s', (template, label) => {
  expect(makeLabel(template, values)).toBe(label);
});

test('a label is cut at 255 characters', () => {
  expect(makeLabel(`${'x'.repeat(300)}\${COUNT}`, values)).toHaveLength(255);
});

test('a template without a token, a blank one and one that crops to nothing are refused', () => {
  expect(labelTemplateProblem('1.0')).toContain("Invalid label '1.0'");
  expect(labelTemplateProblem(' ')).toContain('cannot be blank');
  expect(labelTemplateProblem('${code[:0]}')).toContain('Length of zero');
  expect(labelTemplateProblem('${COUNT}')).toBeUndefined();
});

test('the materials of a template are known', () => {
  expect(materialsOfLabel('${COUNT}-${code[:7]}-${env:X}-${up}')).toEqual(['code', 'up']);
});
