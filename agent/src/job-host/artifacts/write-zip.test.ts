import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { writeZip } from './write-zip.ts';

test.each(['a cancel', 'a full disk'])('%s while the files are listed is what it ends with', async (what) => {
  await using dir = await tempDir();
  const source = join(dir.path, 'out');
  await mkdir(source);
  for (let file = 0; file < 20; file++) await writeFile(join(source, String(file)), 'x');
  const cancel = new AbortController();
  // No such folder fails as a full disk does, and as soon.
  const target = what === 'a cancel' ? join(dir.path, 'zip') : join(dir.path, 'none', 'zip');
  const written = writeZip(source, target, cancel.signal);
  if (what === 'a cancel') cancel.abort();
  await expect(written).rejects.toThrow(what === 'a cancel' ? 'aborted' : 'ENOENT');
});
