import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
/** All that the running core consists of, of this repository. */
const MAX_LINES = 400;

function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  const [, name = '', path = ''] = /^@go-agent\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
  if (name === '') return undefined;
  const { exports } = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')) as {
    exports: Record<string, string>;
  };
  return join(root, name, exports[`.${path}`] ?? '');
}

/** Every module that is there when the core runs, by following what is imported but types. */
function loaded(entry: string): { readonly files: readonly string[]; readonly packages: readonly string[] } {
  const files = new Set<string>([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    for (const [, clause = '', specifier = ''] of source.matchAll(
      /^(?:import|export) ([^;]*?)from '([^']+)';/gm,
    )) {
      const isType = clause.startsWith('type ') || /^\{(\s*type [^,}]+,?)+\s*\}/.test(clause);
      if (isType || isBuiltin(specifier)) continue;
      const target = resolve(file, specifier);
      if (target === undefined) packages.add(specifier);
      else files.add(target);
    }
  }
  return { files: [...files], packages: [...packages] };
}

test('what must never change is at most 400 lines, comments and all, and depends on Node and adm-zip only', () => {
  const { files, packages } = loaded(join(import.meta.dirname, 'supervise.ts'));
  expect(files.every((file) => existsSync(file))).toBe(true);
  expect(files.map((file) => relative(root, file)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'bootstrapper/src/core/launcher-worker.ts',
    'bootstrapper/src/core/next-step.ts',
    'bootstrapper/src/core/pick-launcher.ts',
    'bootstrapper/src/core/supervise.ts',
    'bootstrapper/src/core/unpack-launcher.ts',
    'protocol/src/launch-numbers.ts',
  ]);
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1));
  expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
  expect(packages).toEqual(['adm-zip']);
});
