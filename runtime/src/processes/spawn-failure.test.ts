import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shell } from '../testing/contained-shell.ts';
import { tempDir } from '../testing/temp-dir.ts';
import { openContainer } from './open-container.ts';
import type { SpawnContained } from './process-container.ts';

async function failure(options: SpawnContained) {
  await using container = openContainer();
  const result = await container.spawn(options);
  return result.ok ? 'started' : { reason: result.reason, message: result.message };
}

test('tells a missing command from a missing folder', async () => {
  expect(await failure(shell('', { command: 'no-such-command' }))).toEqual({
    reason: 'command-not-found',
    message: 'There is no command no-such-command on the PATH',
  });
  expect(await failure(shell('', { command: './no-such-command', cwd: '/usr' }))).toEqual({
    reason: 'command-not-found',
    message: 'There is no command ./no-such-command in /usr',
  });
  expect(await failure(shell('', { cwd: '/no/such/folder' }))).toEqual({
    reason: 'working-folder-missing',
    message: 'The working folder /no/such/folder does not exist',
  });
  expect(await failure(shell('', { cwd: '/etc/passwd' }))).toMatchObject({
    reason: 'working-folder-not-usable',
  });
});

test('looks for a command on the PATH of the given environment only', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, 'mine'), '#!/bin/sh\n', { mode: 0o755 });
  const options = { command: 'mine', args: [], cwd: '/' };

  expect(await failure({ ...options, env: { PATH: dir.path } })).toBe('started');
  expect(await failure({ ...options, env: { PATH: '/bin' } })).toMatchObject({ reason: 'command-not-found' });
});

test('tells a file that may not be executed and a folder from a missing command', async () => {
  await using dir = await tempDir();
  const plain = join(dir.path, 'plain');
  await writeFile(plain, 'echo hi\n');
  await chmod(plain, 0o644);
  await mkdir(join(dir.path, 'folder'));

  expect(await failure(shell('', { command: plain }))).toEqual({
    reason: 'command-not-executable',
    message: `${plain} may not be executed`,
  });
  expect(await failure(shell('', { command: join(dir.path, 'folder') }))).toMatchObject({
    reason: 'command-not-executable',
  });
});

test('names the interpreter that a script asks for in vain', async () => {
  await using dir = await tempDir();
  const script = join(dir.path, 'script');
  await writeFile(script, '#!/no/such/interpreter -x\n', { mode: 0o755 });

  expect(await failure(shell('', { command: script }))).toEqual({
    reason: 'interpreter-not-found',
    message: `${script} is to be run by /no/such/interpreter, which does not exist`,
  });
});

test('reports arguments that are too long or impossible', async () => {
  expect(await failure(shell('x'.repeat(4 << 20)))).toMatchObject({ reason: 'arguments-too-long' });
  expect(await failure(shell('a\0b'))).toMatchObject({ reason: 'not-started' });
});

test('starts nothing once the signal is aborted, also when that is while pipes are made for it', async () => {
  const cancel = new AbortController();
  const failed = failure(shell('', { signal: cancel.signal }));
  cancel.abort();
  expect(await failed).toEqual({
    reason: 'cancelled',
    message: '/bin/sh was cancelled before it was started',
  });
});
