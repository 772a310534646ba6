import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('docs/agent-settings.md has each setting with its default', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../../docs/agent-settings.md'), 'utf8');
  const source = await readFile(join(import.meta.dirname, 'parse-settings.ts'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  const defaults = source.matchAll(/(?:time|size)\('([a-z-]+)', '(\w+)'\)/g);
  const plain = source.matchAll(/(?:raw\[|, )'([a-z]+(?:-[a-z]+)+)'\]?/g);
  const wanted = [...defaults, ...plain].map(([, name, text]) => ({ name, text }));
  expect(wanted.length).toBeGreaterThan(20);
  const missing = wanted.filter(
    ({ name, text = '' }) => !rows.some((row) => row.includes(`\`${name}\``) && row.includes(text)),
  );
  expect(missing).toEqual([]);
});
