import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { test } from 'vitest';
import { openBelow } from '../testing/open-below.ts';
import { zipFolder } from './zip-folder.ts';

/** What does not fit into the buffers on the way. */
const LARGE = 4 * 1024 * 1024;

test.skipIf(process.platform !== 'linux')(
  'whoever goes away before the end of a zip leaves no file open',
  async () => {
    await using folder = await tempDir();
    const packed = join(folder.path, 'pkg');
    await mkdir(packed);
    for (const name of ['a', 'b']) await writeFile(join(packed, name), randomBytes(LARGE));
    const zip = await zipFolder(packed);
    await waitFor(async () => (await openBelow(packed)).length === 1);
    zip.destroy();
    await waitFor(async () => (await openBelow(packed)).length === 0, { timeoutMs: 10_000 });
  },
);
