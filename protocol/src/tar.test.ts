import { execFileSync } from 'node:child_process';
import { lstat, mkdir, mkdtempDisposable, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { expect, test } from 'vitest';
import { staysInTree } from './link-target.ts';
import { readTar, TAR_END, type TarFile, tarHeader, tarPadding } from './tar.ts';

async function read(tar: Buffer, chunk: number): Promise<TarFile[]> {
  const chunks: Buffer[] = [];
  for (let at = 0; at < tar.length; at += chunk) chunks.push(tar.subarray(at, at + chunk));
  return Array.fromAsync(readTar(Readable.from(chunks), { largestFile: 10_000 }));
}

const SHA = 'ab'.repeat(32);
const NAMES = [
  'a',
  'x y/ü.txt',
  `${'long/'.repeat(40)}end`,
  'tab\tname',
  'n'.repeat(100),
  `${'é'.repeat(60)}`,
];

function tarOf(names: readonly string[]): Buffer {
  const parts = names.flatMap((path, i) => {
    const content = Buffer.alloc(i * 257, i);
    const header = tarHeader({ kind: 'file', path, mode: 0o755, size: content.length, sha256: SHA });
    return [header, content, tarPadding(content.length)];
  });
  const link = tarHeader({ kind: 'link', path: 'l', mode: 0o777, size: 0, target: 't'.repeat(150) });
  const folder = tarHeader({ kind: 'folder', path: 'empty', mode: 0o755, size: 0 });
  return Buffer.concat([...parts, link, folder, TAR_END]);
}

test.each([1, 7, 512, 513, 100_000])('reads what it writes, in chunks of %i bytes', async (chunk) => {
  const entries = await read(tarOf(NAMES), chunk);
  expect(entries.map(({ path }) => path)).toEqual([...NAMES, 'l', 'empty']);
  expect(entries.map(({ kind }) => kind).slice(-2)).toEqual(['link', 'folder']);
  expect(entries.at(-2)?.target).toBe('t'.repeat(150));
  for (const [i, { content, sha256, mode }] of entries.slice(0, NAMES.length).entries()) {
    expect([content.equals(Buffer.alloc(i * 257, i)), sha256, mode]).toEqual([true, SHA, 0o755]);
  }
});

test('a tar that is cut or damaged, or an entry that is too large, is an error', async () => {
  const tar = tarOf(NAMES);
  for (const end of [0, 100, 600, tar.length - 1500]) {
    await expect(read(tar.subarray(0, end), 512)).rejects.toThrow('cut');
  }
  const damaged = Buffer.from(tar);
  damaged[1024 + 3] = 0x5a;
  await expect(read(damaged, 512)).rejects.toThrow('damaged');
  const huge = tarHeader({ kind: 'file', path: 'a', mode: 0o644, size: 10_001 });
  await expect(read(huge, 512)).rejects.toThrow('too large');
});

test('the tar program understands it, and is understood', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'protocol-'));
  const inside = (...path: string[]) => join(dir.path, ...path);
  await writeFile(inside('ours.tar'), tarOf(NAMES));
  await mkdir(inside('out'));
  execFileSync('tar', ['-xf', inside('ours.tar'), '-C', inside('out')], { stdio: 'ignore' });
  expect((await readFile(inside('out', NAMES[2] ?? ''))).length).toBe(514);
  expect((await lstat(inside('out', 'x y/ü.txt'))).mode & 0o111).not.toBe(0);
  await symlink('a', inside('out', 'k'));
  execFileSync('tar', [
    '--format=posix',
    '-cf',
    inside('theirs.tar'),
    '-C',
    inside('out'),
    'k',
    'empty',
    NAMES[2] ?? '',
  ]);
  const entries = await read(await readFile(inside('theirs.tar')), 999);
  expect(entries.map(({ kind, path, target }) => [kind, path, target])).toEqual([
    ['link', 'k', await readlink(inside('out', 'k'))],
    ['folder', 'empty', undefined],
    ['file', NAMES[2], undefined],
  ]);
});

test.each([
  ['a', 'b', true],
  ['d/a', '../b', true],
  ['d/a', '../../b', false],
  ['a', '../b', false],
  ['d/e/a', '../../b/c', true],
  ['d/a', 'x/../b', false],
  ['a', '/etc/passwd', false],
  ['a', '', false],
  ['a', './b', true],
  ['a', 'b//c', false],
])('a link %s to %s stays in its tree: %s', (path, target, stays) => {
  expect(staysInTree(path, target)).toBe(stays);
});
