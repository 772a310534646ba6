import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { JOURNAL } from '../../journal/format.ts';
import { sampleAssignment } from '../../journal/testing/sample-assignment.ts';
import { relayOverSocket } from '../relay.ts';
import { fileStoreRelay } from '../testing/file-store-relay.ts';
import { parseAntPattern } from './ant-pattern.ts';
import { extractZip } from './extract-zip.ts';
import { type Fetch, fetchFile } from './fetch-file.ts';
import { fetchTree } from './fetch-tree.ts';
import { findMatches } from './find-matches.ts';
import { listEntries } from './list-entries.ts';
import { listReports } from './list-reports.ts';
import { temporaryBeside } from './temporary-beside.ts';
import { checksumVerifier } from './verify-checksum.ts';
import { writeZip } from './write-zip.ts';

const { signal } = new AbortController();

/** What an earlier process had in use when it was killed: a file, and a folder that a link was to replace. */
async function leave(folder: string): Promise<void> {
  const [file, old] = [temporaryBeside(join(folder, 'a')), temporaryBeside(join(folder, 'b'))];
  await mkdir(old, { recursive: true });
  await writeFile(join(old, 'a.xml'), '<testsuite/>');
  await writeFile(file, 'half of');
  for (const path of [file, old]) await utimes(path, 1, 1);
}

/** `dist/a` and `dist/in/a` are upstream; both folders are here, the outer one through a link, with leftovers. */
async function scene() {
  const stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempDir());
  const store = stack.use(await fileStoreRelay(folder));
  const relay = stack.use(relayOverSocket(join(folder, JOURNAL.relaySocket), systemClock));
  for (const path of ['dist/a', 'dist/in/a']) {
    store.entries.set(path, { mode: 0o644, content: Buffer.from('a') });
  }
  const { jobIdentifier } = sampleAssignment({ home: folder, buildId: 1 }).work.assignment;
  const console = { line: () => undefined };
  const context = { relay, folder, console, clock: systemClock, cancelled: signal };
  const verifier = checksumVerifier({ md5: undefined, sha256: store.sums() }, console);
  const got = join(folder, 'got');
  for (const place of ['disk', 'disk/in']) await leave(join(folder, place));
  await mkdir(got);
  await symlink('../disk', join(got, 'dist'));
  const fetch = (srcFile: string, target: string) =>
    ({ jobIdentifier, srcFile, target, verifier, context }) as unknown as Fetch;
  return { got, folder, fetch, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('a fetch clears the folders into which it fetches of what killed ones left, and no others', async () => {
  await using own = await scene();
  await fetchFile(own.fetch('dist/a', join(own.got, 'dist/a')));
  expect(await readdir(join(own.got, 'dist'))).toEqual(['a', 'in']);
  expect(await readdir(join(own.got, 'dist/in'))).toHaveLength(2);
  await leave(join(own.got, 'dist'));
  await fetchTree(own.fetch('dist', own.got));
  expect(await readdir(join(own.got, 'dist'))).toEqual(['a', 'in']);
  expect(await readdir(join(own.got, 'dist/in'))).toEqual(['a']);
  for (const place of ['z/dist', 'z/dist/in']) await leave(join(own.folder, place));
  await writeZip(join(own.got, 'dist'), join(own.folder, 'a.zip'), signal);
  await extractZip(join(own.folder, 'a.zip'), join(own.folder, 'z'), { verify: () => undefined, signal });
  expect(await readdir(join(own.folder, 'z/dist'))).toEqual(['a', 'in']);
  expect(await readdir(join(own.folder, 'z/dist/in'))).toEqual(['a']);
});

test('a fetch leaves alone what another one has in use in the same folder', async () => {
  await using own = await scene();
  const used = temporaryBeside(join(own.got, 'dist/a'));
  await writeFile(used, 'half of');
  await fetchTree(own.fetch('dist', own.got));
  expect((await readdir(join(own.got, 'dist'))).toSorted()).toEqual([basename(used), 'a', 'in']);
});

test('what a killed fetch left is not published', async () => {
  await using dir = await tempDir();
  const root = join(dir.path, 'root');
  await leave(join(root, 'in'));
  await writeFile(join(root, 'in/a.xml'), '<testsuite/>');
  const found = await findMatches(root, parseAntPattern('**/*'), signal);
  expect(found.map(({ path }) => path)).toEqual(['in']);
  const entries = await Array.fromAsync(listEntries(root, 'out'));
  expect(entries.map(({ path }) => path)).toEqual(['out/in/a.xml']);
  const { md5 } = await writeZip(root, join(dir.path, 'a.zip'), signal);
  expect([...md5.keys()]).toEqual(['root/in/a.xml']);
  expect((await listReports([root], signal)).map(({ path }) => path)).toEqual([join(root, 'in/a.xml')]);
});
