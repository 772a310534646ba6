import { expect, test } from 'vitest';
import { masked } from './log.ts';
import { SecretBook } from './secret-book.ts';

test('the secrets of clusters and profiles are masked however many agents came since; only old keys are forgotten', () => {
  const book = new SecretBook();
  book.add('cluster-password');
  for (let agent = 1; agent <= 5000; agent++) book.addKey(`<${agent}>-key`);
  expect(masked('cluster-password of <5000>-key', book.list())).toBe('*** of ***');
  expect(book.list().length).toBeLessThan(3000);
});
