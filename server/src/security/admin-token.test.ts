import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { AdminToken } from './admin-token.ts';
import { presentedToken } from './presented-token.ts';

test('the token is made once, stored as a hash, and replaced by a reset, for others that have the file open, too', async () => {
  await using folder = await tempDir();
  const running = new AdminToken(folder.path);
  const token = (await running.createIfMissing()) ?? '';
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(await running.createIfMissing()).toBeUndefined();
  const [file = ''] = await readdir(join(folder.path, 'security'));
  const path = join(folder.path, 'security', file);
  expect(await readFile(path, 'utf8')).not.toContain(token);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await running.matches(token)).toBe(true);
  expect(await running.matches(`${token}x`)).toBe(false);
  const next = await new AdminToken(folder.path).reset();
  expect([await running.matches(token), await running.matches(next)]).toEqual([false, true]);
  await writeFile(path, 'damaged');
  await expect(running.matches(next)).rejects.toMatchObject({ code: 'admin-token-file' });
});

test('a token comes as Bearer, or as the password of Basic, in any case of the scheme', () => {
  expect(presentedToken('bearer abc')).toBe('abc');
  expect(presentedToken(`BASIC ${Buffer.from('user:a:b').toString('base64')}`)).toBe('a:b');
  expect(presentedToken(`Basic ${Buffer.from('user').toString('base64')}`)).toBeUndefined();
  expect(presentedToken('Digest abc')).toBeUndefined();
  expect(presentedToken(undefined)).toBeUndefined();
});
