import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const PAINS = readFileSync(join(ROOT, 'docs', 'elastic.md'), 'utf8').split('## The forty pains')[1] ?? '';
const ROWS = [...PAINS.matchAll(/^\| (\d+) \|(?:[^|]*)\|(?:[^|]*)\| (.*) \|$/gm)].map((match) => ({
  pain: Number(match[1]),
  shownBy: match[2] ?? '',
}));
/** By name: the text of the test file. */
const FILES = new Map(
  [...PAINS.matchAll(/(?<=\| )([a-z0-9]+) \| `([^`]+\.test\.ts)`/g)].map(([, name = '', file = '']) => {
    const path = join(ROOT, file);
    return [name, existsSync(path) ? readFileSync(path, 'utf8') : ''];
  }),
);

test('docs/elastic.md has a row for each of the forty pains, and each names what shows it', () => {
  expect(ROWS.map(({ pain }) => pain)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  expect(ROWS.filter(({ shownBy }) => !/"|`npm run /.test(shownBy))).toEqual([]);
});

test.each(ROWS)('the tests that are named for pain $pain are there', ({ shownBy }) => {
  for (const part of shownBy.split('; ').filter((text) => !text.startsWith('`npm run '))) {
    const [, name = '', titles = ''] = /^([a-z0-9]+): "(.+)"$/.exec(part) ?? [];
    const text = FILES.get(name) ?? `there is no file '${name}', of '${part}'`;
    for (const title of titles.split('", "')) expect(text).toContain(title);
  }
});
