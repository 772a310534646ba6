import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { zipOf } from '../testing/multipart.ts';
import { JobFolders } from './job-folders.ts';
import { receiveUpload } from './receive-upload.ts';
import { DiskSync } from './sync-disk.ts';

/** Does what the real one does, and knows what was in the files then. */
class WatchedDisk extends DiskSync {
  readonly synced: string[] = [];

  override async files(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.synced.push(await readFile(path, 'utf8'));
    await super.files(paths);
  }
}

async function* part(fieldname: string, content: Buffer) {
  yield { fieldname, file: Readable.from([content]) };
}

test('what an upload has brought is on the disk before it is answered', async () => {
  await using data = await tempDir();
  const folders = new JobFolders(data.path);
  await folders.make();
  const diskSync = new WatchedDisk(folders.artifacts);
  const job = join(folders.artifacts, 'job');
  await mkdir(job);
  const zip = await zipOf({ 'a.txt': 'A', 'dir/b.txt': 'B' });
  expect(await receiveUpload({ folders, diskSync }, job, 'pkg', part('zipfile', zip))).toEqual({
    type: 'saved',
  });
  expect(diskSync.synced).toEqual(['A', 'B']);
  const one = part('file', Buffer.from('one'));
  expect(await receiveUpload({ folders, diskSync }, job, 'sub/one.txt', one)).toEqual({ type: 'saved' });
  expect(diskSync.synced).toEqual(['A', 'B', 'one']);
  expect(await readFile(join(job, 'sub/one.txt'), 'utf8')).toBe('one');
});
