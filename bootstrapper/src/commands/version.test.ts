import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { fakeContext } from '../testing/fake-context.ts';
import { fixtureBundles } from '../testing/fixture-launcher.ts';
import { runProgram } from './program.ts';

test('version tells what is carried, what runs, and on what; a home that is not there is not made', async () => {
  await using folder = await tempDir();
  const bundles = fixtureBundles(join(folder.path, 'bundles'), '');
  const home = join(folder.path, 'home');
  const versions = async () => {
    const context = fakeContext({ bundles: () => Promise.resolve(bundles) });
    expect(await runProgram(context, ['version', '--json', '--home', home])).toBe(0);
    return JSON.parse(context.printed.join('\n')) as unknown;
  };
  const installed = {
    bootstrapper: '9.9.9',
    carried: { launcher: '1', agent: '1' },
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
  expect(await versions()).toEqual({ ...installed, running: null });
  expect(existsSync(home)).toBe(false);

  const md5 = 'a'.repeat(32);
  await mkdir(join(home, 'data', 'agent', md5), { recursive: true });
  await writeFile(join(home, 'data', 'agent', md5, 'manifest.json'), '{"version": "2.0.1"}');
  const status = {
    version: 1,
    process: processIdentity(process.pid),
    phase: 'running',
    bootstrapperVersion: '9.9.8',
    launcher: { version: '2.0.0', md5, source: 'downloaded' },
    agent: { pid: process.pid, md5 },
  };
  await writeFile(join(home, 'data', 'bootstrapper.json'), JSON.stringify(status));
  expect(await versions()).toEqual({
    ...installed,
    running: { bootstrapper: '9.9.8', launcher: '2.0.0', agent: '2.0.1' },
  });
});
