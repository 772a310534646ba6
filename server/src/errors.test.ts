import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serverErrorCodes } from './errors.ts';

test('every code that is thrown is listed, and every listed one is thrown', async () => {
  const files = await readdir(import.meta.dirname, { recursive: true });
  const sources = files.filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|^testing|-fixture\.ts$/.test(file),
  );
  const texts = await Promise.all(sources.map((file) => readFile(join(import.meta.dirname, file), 'utf8')));
  const thrown = texts.flatMap((text) =>
    [...text.matchAll(/(?:new AppError|super|attempt)\(\s*'([^']+)'/g)].map(([, code]) => code),
  );
  expect(new Set(thrown)).toEqual(new Set(serverErrorCodes));
});
