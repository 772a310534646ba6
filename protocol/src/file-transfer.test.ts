import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { decodeManifestEntry, formatSha256Line, parseSha256Lines } from './file-transfer.ts';

const NAMES = ['a', 'x  y', 'back\\slash', 'line\nfeed', '\\n'];

test('checksum lines are read as they were written, the last of equal paths wins', () => {
  const sums = NAMES.map((name) => [name, createHash('sha256').update(name).digest('hex')] as const);
  const text = sums.map(([name, sum]) => formatSha256Line(name, sum)).join('');
  expect([...parseSha256Lines(text)]).toEqual(sums);
  const other = 'f'.repeat(64);
  expect(parseSha256Lines(`${text}${formatSha256Line('a', other)}123  cut`).get('a')).toBe(other);
});

test('sha256sum understands them', async () => {
  await using dir = await mkdtempDisposable(join(tmpdir(), 'protocol-'));
  const lines: string[] = [];
  for (const name of NAMES) {
    await writeFile(join(dir.path, name), name);
    lines.push(formatSha256Line(name, createHash('sha256').update(name).digest('hex')));
  }
  await writeFile(join(dir.path, 'list'), lines.join(''));
  execFileSync('sha256sum', ['--check', '--strict', 'list'], { cwd: dir.path, stdio: 'pipe' });
});

test('entries of a manifest are decoded, those of a kind to come are passed over', () => {
  expect(decodeManifestEntry({ kind: 'file', path: 'a', size: 3, mode: 493 })).toEqual({
    kind: 'file',
    path: 'a',
    size: 3,
    mode: 0o755,
  });
  expect(decodeManifestEntry({ kind: 'link', path: 'l', target: 'a' })).toMatchObject({ target: 'a' });
  expect(decodeManifestEntry({ kind: 'socket', path: 's' })).toBeUndefined();
  expect(() => decodeManifestEntry({ kind: 'file' })).toThrow('path');
});
