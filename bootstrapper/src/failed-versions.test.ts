import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { failedVersions } from './failed-versions.ts';

test('the latest failure of each bundle is told, of a damaged state what is whole', async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, 'data'));
  const state = {
    launcher: { quarantined: [{ md5: 'a', reason: 'it hung', at: 0 }] },
    agent: { quarantined: [{ md5: 'b', at: 'never' }] },
  };
  await writeFile(join(folder.path, 'data', 'state.json'), JSON.stringify(state));
  expect(failedVersions(folder.path)).toEqual([
    { bundle: 'launcher', md5: 'a', reason: 'it hung', at: '1970-01-01T00:00:00.000Z' },
  ]);
  expect(failedVersions(join(folder.path, 'nowhere'))).toEqual([]);
});
