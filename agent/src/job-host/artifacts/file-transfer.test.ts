import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { JOURNAL } from '../../journal/format.ts';
import { sampleAssignment } from '../../journal/testing/sample-assignment.ts';
import { relayOverSocket } from '../relay.ts';
import { type Fault, fileStoreRelay } from '../testing/file-store-relay.ts';
import { fetchFile } from './fetch-file.ts';
import { fetchTree } from './fetch-tree.ts';
import { uploadFiles } from './upload-files.ts';
import { checksumVerifier } from './verify-checksum.ts';

async function scene(fault?: (request: string) => Fault) {
  const stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempDir());
  const store = stack.use(await fileStoreRelay(folder, fault));
  const lines: string[] = [];
  const context = {
    assignment: sampleAssignment({ home: folder, buildId: 1 }),
    relay: stack.use(relayOverSocket(join(folder, JOURNAL.relaySocket), systemClock)),
    clock: systemClock,
    cancelled: new AbortController().signal,
    console: { line: (_tag: string, text: string) => void lines.push(text) },
    folder,
  } as unknown as Parameters<typeof uploadFiles>[1];
  return { stack, folder, store, lines, context };
}

type Scene = Awaited<ReturnType<typeof scene>>;

/** Relative path to content of a new folder `out`. */
async function tree({ folder }: Scene, files: Readonly<Record<string, Buffer>>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, 'out', path)), { recursive: true });
    await writeFile(join(folder, 'out', path), content, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
  return join(folder, 'out');
}

function fetchOf({ context, folder, store }: Scene, srcFile = 'dest/out', target = 'got') {
  const verifier = checksumVerifier({ md5: undefined, sha256: store.sums() }, context.console);
  const { jobIdentifier } = context.assignment.work.assignment;
  return { jobIdentifier, srcFile, target: join(folder, target), verifier, context };
}

/** Numbers in [0, 1) that follow from the seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Of requests that carry content, most are hurt, but never more than two in a row for the same thing. */
function faults(seed: number): (request: string) => Fault {
  const random = seeded(seed);
  const inARow = new Map<string, number>();
  return (request) => {
    const roll = random();
    if (request.startsWith('HEAD') || request.includes('checksum')) return undefined;
    const before = inARow.get(request) ?? 0;
    const isHurt = before < 2 && roll <= 0.6;
    inARow.set(request, isHurt ? before + 1 : 0);
    if (!isHurt) return undefined;
    return roll < 0.15 ? { status: roll < 0.07 ? 502 : 500 } : { cutAfter: Math.floor(random() * 400_000) };
  };
}

test('files, modes, links and empty folders arrive, small ones together and large ones by themselves', async () => {
  const own = await scene();
  await using _stack = own.stack;
  const large = randomBytes(700_000);
  const out = await tree(own, {
    'a.sh': Buffer.from('a'),
    'd/b': Buffer.from('b'),
    large,
    zero: Buffer.alloc(0),
  });
  await mkdir(join(out, 'empty'));
  await symlink('../a.sh', join(out, 'd/inside'));
  await symlink(join(out, 'large'), join(out, 'absolute'));
  await symlink('..', join(out, 'd/circle'));
  await symlink('nowhere', join(out, 'broken'));
  expect(await uploadFiles([{ source: out, dest: 'dest' }], own.context)).toBe(true);
  const { entries, requests } = own.store;
  expect([...entries.keys()].toSorted()).toEqual(
    ['a.sh', 'absolute', 'd/b', 'd/circle', 'd/inside', 'empty', 'large', 'zero'].map(
      (name) => `dest/out/${name}`,
    ),
  );
  expect(entries.get('dest/out/a.sh')?.mode).toBe(0o755);
  expect(entries.get('dest/out/d/inside')?.target).toBe('../a.sh');
  expect(entries.get('dest/out/absolute')?.content.equals(large)).toBe(true);
  expect(requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
});

test.each([1, 2, 3, 4, 5, 6])(
  'nothing is lost over cut connections and a server that fails, seed %i',
  async (seed) => {
    const own = await scene(faults(seed));
    await using _stack = own.stack;
    const small = Array.from({ length: 300 }, (_, i) => [`s/${i}`, randomBytes(i * 7)] as const);
    const content = {
      ...Object.fromEntries(small),
      'l/1': randomBytes(900_000),
      'l/2': randomBytes(1_500_000),
    };
    const out = await tree(own, content);
    expect(await uploadFiles([{ source: out, dest: 'dest' }], own.context), own.lines.join('\n')).toBe(true);
    // An answer of 500 is for the fetch task, which tries again: what came is not fetched twice.
    let fetched = await fetchTree(fetchOf(own));
    for (let tries = 1; fetched.kind !== 'done' && tries < 20; tries += 1)
      fetched = await fetchTree(fetchOf(own));
    expect(fetched.kind).toBe('done');
    for (const [path, bytes] of Object.entries(content)) {
      expect(own.store.entries.get(`dest/out/${path}`)?.content.equals(bytes), path).toBe(true);
      expect((await readFile(join(own.folder, 'got/out', path))).equals(bytes), path).toBe(true);
    }
    const left = (await readdir(join(own.folder, 'got'), { recursive: true })).filter((name) =>
      name.endsWith('.part'),
    );
    expect(left).toEqual([]);
  },
);

test('small files are sent again also where the list of those that are there was cut', async () => {
  const hurt = new Set(['POST', 'GET']);
  const own = await scene((request) => {
    const [method = ''] = request.split(' ');
    if (!hurt.delete(method)) return undefined;
    return method === 'POST' ? { status: 500 } : { cutAfter: 10 };
  });
  await using _stack = own.stack;
  own.store.entries.set('before', { content: Buffer.from('x'), mode: 0o644 });
  const out = await tree(own, { a: Buffer.from('a') });
  expect(await uploadFiles([{ source: out, dest: 'dest' }], own.context), own.lines.join('\n')).toBe(true);
  expect(own.store.entries.get('dest/out/a')?.content.toString()).toBe('a');
});

test('a server that answers, but never takes what is sent, is given up in the end', async () => {
  const isSent = (request: string) => request.startsWith('POST') || request.startsWith('PUT');
  const own = await scene((request) => (isSent(request) ? { status: 502 } : undefined));
  await using _stack = own.stack;
  const out = await tree(own, { small: Buffer.from('a'), large: randomBytes(500_000) });
  let now = 0;
  let pauses = 0;
  const sleep = (ms: number) => {
    if (++pauses > 2000) throw new Error('It would go on for ever');
    now += ms;
    return Promise.resolve(true);
  };
  const clock = { now: () => now, monotonic: () => now, sleep };
  expect(await uploadFiles([{ source: out, dest: 'dest' }], { ...own.context, clock })).toBe(false);
  expect(own.lines).toContain('[go] The server cannot be reached. The transfer goes on when it is back.');
  expect(own.lines.at(-1)).toContain('Failed to upload');
});

test('a folder that is here already is not sent again, and what has changed is', async () => {
  const own = await scene();
  await using _stack = own.stack;
  const out = await tree(own, { a: Buffer.from('a'), 'x.sh': Buffer.from('x'), large: randomBytes(500_000) });
  await symlink('a', join(out, 'link'));
  await uploadFiles([{ source: out, dest: 'dest' }], own.context);
  await fetchTree(fetchOf(own));
  const got = join(own.folder, 'got/out');
  expect([await readlink(join(got, 'link')), (await lstat(join(got, 'x.sh'))).mode & 0o111]).toEqual([
    'a',
    0o111,
  ]);
  const before = own.store.requests.length;
  expect(await fetchTree(fetchOf(own))).toEqual({ kind: 'done', changed: false });
  expect(own.store.requests.slice(before)).toEqual(['GET dest/out?manifest=1']);
  await writeFile(join(got, 'a'), 'b');
  await writeFile(join(got, 'mine'), 'mine');
  expect(await fetchTree(fetchOf(own))).toEqual({ kind: 'done', changed: true });
  expect([await readFile(join(got, 'a'), 'utf8'), await readFile(join(got, 'mine'), 'utf8')]).toEqual([
    'a',
    'mine',
  ]);
  expect(own.store.requests.filter((request) => request.startsWith('GET dest/out/large'))).toHaveLength(1);
});

test('a file that is here already is not asked for; one that is cut goes on where it ended', async () => {
  let cuts = 0;
  const own = await scene((request) =>
    request.startsWith('GET big') && ++cuts < 4 ? { cutAfter: 200_000 } : undefined,
  );
  await using _stack = own.stack;
  const content = randomBytes(900_000);
  own.store.entries.set('big', { content, mode: 0o644 });
  const fetch = fetchOf(own, 'big', 'big');
  expect(await fetchFile(fetch)).toEqual({ kind: 'done', changed: true });
  expect((await readFile(fetch.target)).equals(content)).toBe(true);
  expect(own.store.requests).toHaveLength(4);
  expect(await fetchFile(fetch)).toEqual({ kind: 'done', changed: false });
  expect(own.store.requests).toHaveLength(4);
});

test('what leaves the folder is not written, whatever the server names', async () => {
  const own = await scene();
  await using _stack = own.stack;
  own.store.entries.set('dest/out/../../escaped', { content: Buffer.from('x'), mode: 0o644 });
  expect(await fetchTree(fetchOf(own))).toMatchObject({
    kind: 'failed',
    message: expect.stringContaining('leaves'),
  });
  own.store.entries.clear();
  own.store.entries.set('dest/out/l', { content: Buffer.alloc(0), mode: 0o777, target: '../../x' });
  await expect(fetchTree(fetchOf(own))).rejects.toThrow('leaves');
});
