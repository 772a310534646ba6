import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';

/** A fresh clone in which nothing is installed yet, with an npm that does this. */
async function clone(npm: string) {
  const folder = await tempDir();
  const path = (...parts: string[]) => join(folder.path, ...parts);
  for (const name of ['scripts', 'bin']) await mkdir(path(name));
  await copyFile(join(import.meta.dirname, 'run.mjs'), path('scripts', 'run.mjs'));
  await writeFile(path('package-lock.json'), '{}');
  await writeFile(path('bin', 'npm'), `#!/bin/sh\n${npm}\n`, { mode: 0o755 });
  const run = () =>
    spawn(process.execPath, [path('scripts', 'run.mjs'), 'never-run.ts'], {
      cwd: folder.path,
      stdio: 'ignore',
      env: { ...process.env, PATH: `${path('bin')}:${process.env['PATH']}` },
    });
  return { path, run, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test('an installation that fails leaves no lock for which the next one would wait', async () => {
  await using fresh = await clone('exit 7');
  expect(await once(fresh.run(), 'exit')).toEqual([7, null]);
  expect(existsSync(fresh.path('.installing'))).toBe(false);
});

test('neither does one that is interrupted', async () => {
  await using fresh = await clone('echo > begun; exec sleep 300');
  const run = fresh.run();
  await waitFor(() => existsSync(fresh.path('begun')));
  run.kill('SIGINT');
  const [code, signal] = (await once(run, 'exit')) as [number | null, string | null];
  expect([code, signal]).not.toEqual([0, null]);
  expect(existsSync(fresh.path('.installing'))).toBe(false);
});
