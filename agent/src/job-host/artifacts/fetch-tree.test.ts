import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { JOURNAL } from '../../journal/format.ts';
import { sampleAssignment } from '../../journal/testing/sample-assignment.ts';
import { relayOverSocket } from '../relay.ts';
import { fileStoreRelay, type StoredEntry } from '../testing/file-store-relay.ts';
import { fetchTree } from './fetch-tree.ts';
import { checksumVerifier } from './verify-checksum.ts';

/** What there is upstream, then and now: by path below `dist`. */
type Upstream = Readonly<Record<string, StoredEntry>>;

const file = (content: string): StoredEntry => ({ mode: 0o644, content: Buffer.from(content) });
const link = (target: string): StoredEntry => ({ mode: 0o777, content: Buffer.alloc(0), target });

async function scene() {
  const stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempDir());
  const store = stack.use(await fileStoreRelay(folder));
  const relay = stack.use(relayOverSocket(join(folder, JOURNAL.relaySocket), systemClock));
  const console = { line: () => undefined };
  const context = {
    relay,
    folder,
    console,
    clock: systemClock,
    cancelled: new AbortController().signal,
  } as unknown as Parameters<typeof fetchTree>[0]['context'];
  const { jobIdentifier } = sampleAssignment({ home: folder, buildId: 1 }).work.assignment;
  return {
    got: join(folder, 'got'),
    folder,
    fetch: (upstream: Upstream) => {
      store.entries.clear();
      for (const [path, entry] of Object.entries(upstream)) store.entries.set(`dist/${path}`, entry);
      const verifier = checksumVerifier({ md5: undefined, sha256: store.sums() }, console);
      return fetchTree({ jobIdentifier, srcFile: 'dist', target: join(folder, 'got'), verifier, context });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Path to content, or to `-> target`. */
async function treeAt(root: string, folder = ''): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) Object.assign(tree, await treeAt(root, path));
    else if (entry.isSymbolicLink()) tree[path] = `-> ${await readlink(join(root, path))}`;
    else tree[path] = await readFile(join(root, path), 'utf8');
  }
  return tree;
}

function shown(upstream: Upstream): Record<string, string> {
  return Object.fromEntries(
    Object.entries(upstream).map(([path, { content, target }]) => [
      path,
      target === undefined ? content.toString() : `-> ${target}`,
    ]),
  );
}

const V1 = { 'v1/app': file('version 1') };
const LARGE = file('x'.repeat(300_000));

test.each<[string, Upstream, Upstream]>([
  ['a link has become a folder', { current: link('v1') }, { 'current/app': file('version 2!!') }],
  ['a link has become a folder of folders', { c: link('v1') }, { 'c/d/app': file('2'), 'c/app': LARGE }],
  ['a folder has become a link', { 'current/a/b': file('version 2') }, { current: link('v1') }],
  ['a file has become a link', { current: file('version 2') }, { current: link('v1') }],
  ['a link has become a file', { current: link('v1/app') }, { current: file('version 2') }],
  ['a file has become a folder', { current: file('version 2') }, { 'current/app': file('2') }],
  ['a folder has become a file', { 'a/b': file('2'), 'c/d': file('3') }, { a: file('2'), c: LARGE }],
])('a folder that is fetched again is as upstream, with its neighbours, where %s', async (_, before, now) => {
  await using own = await scene();
  expect((await own.fetch({ ...V1, ...before })).kind).toBe('done');
  expect(await own.fetch({ ...V1, ...now })).toEqual({ kind: 'done', changed: true });
  expect(await treeAt(join(own.got, 'dist'))).toEqual(shown({ ...V1, ...now }));
  expect(await own.fetch({ ...V1, ...now })).toEqual({ kind: 'done', changed: false });
});

test("a link below a fetched folder leads no file out of it; the user's own in place of the folder stays", async () => {
  await using own = await scene();
  const [disk, outside] = [join(own.folder, 'disk'), join(own.folder, 'outside')];
  for (const folder of [disk, outside, own.got]) await mkdir(folder);
  await writeFile(join(outside, 'a'), 'mine');
  await symlink('../disk', join(own.got, 'dist'));
  await symlink(outside, join(disk, 'in'));
  const upstream = { a: file('theirs'), 'in/a': file('theirs') };
  expect(await own.fetch(upstream)).toEqual({ kind: 'done', changed: true });
  expect(await readlink(join(own.got, 'dist'))).toBe('../disk');
  expect(await treeAt(disk)).toEqual(shown(upstream));
  expect(await treeAt(outside)).toEqual({ a: 'mine' });
});

test('a link in place of the fetched folder that leads nowhere fails the fetch, and stays', async () => {
  await using own = await scene();
  await mkdir(own.got);
  await symlink('../away', join(own.got, 'dist'));
  await expect(own.fetch({ a: file('theirs') })).rejects.toThrow('dist');
  expect(await readlink(join(own.got, 'dist'))).toBe('../away');
});

test('a file in place of the fetched folder is replaced', async () => {
  await using own = await scene();
  await mkdir(own.got);
  await writeFile(join(own.got, 'dist'), 'a file');
  const upstream = { a: file('theirs') };
  expect(await own.fetch(upstream)).toEqual({ kind: 'done', changed: true });
  expect(await treeAt(join(own.got, 'dist'))).toEqual(shown(upstream));
});
