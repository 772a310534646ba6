import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsCatalogue } from './catalogue.ts';

const root = join(import.meta.dirname, '..', '..', '..');

test('docs/agent-settings.md has each setting of the catalogue with its default and its variables, and no other', async () => {
  const page = await readFile(join(root, 'docs', 'agent-settings.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| `[a-z-]+`/.test(line));
  const documented = settingsCatalogue.filter(({ internal }) => internal !== true);
  const missing = documented.filter(
    ({ name, default: standard }) =>
      !rows.some(
        (row) => row.includes(`\`${name}\``) && row.includes(standard === undefined ? '' : `\`${standard}\``),
      ),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
  const gocd = documented.flatMap(({ variables }) => variables.slice(1));
  expect(gocd.filter((variable) => !page.includes(`\`${variable}\``))).toEqual([]);
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
  );
  const known = settingsCatalogue.map(({ name }) => name);
  expect(named.filter((name) => !known.includes(name ?? ''))).toEqual([]);
});

test('whatever launcher and agent read of their settings is in the catalogue', async () => {
  const known = settingsCatalogue.map(({ name }) => name);
  const read: string[] = [];
  for (const folder of ['agent', 'launcher', 'bootstrapper']) {
    for await (const file of glob('src/**/*.ts', { cwd: join(root, folder) })) {
      if (file.endsWith('.test.ts') || file.includes('testing')) continue;
      const source = await readFile(join(root, folder, file), 'utf8');
      const names = file.endsWith('parse-settings.ts')
        ? source.matchAll(/(?:\braw\[|\b(?:time|size)\()'([a-z-]+)'/g)
        : source.matchAll(/\bsettings\['([a-z-]+)'\]/g);
      read.push(...[...names].map(([, name]) => name ?? ''));
    }
  }
  expect(read.length).toBeGreaterThan(20);
  expect(read.filter((name) => !known.includes(name))).toEqual([]);
});

test('names, variables and flags are unique', () => {
  const all = settingsCatalogue.flatMap(({ name, variables, flag }) => [
    name,
    ...variables,
    flag ?? name.toUpperCase(),
  ]);
  expect(all.filter((one, i) => all.indexOf(one) !== i)).toEqual([]);
});
