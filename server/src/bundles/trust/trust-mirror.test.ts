import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSigningKey } from '@go-agent/protocol/trust';
import { createLogger } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { checkServed, type Served } from '../testing/check-served.ts';
import { ReleaseMaker } from '../testing/release-maker.ts';
import { readTrustFolder } from './trust-folder.ts';
import { TrustMirror } from './trust-mirror.ts';

const HOUR_MS = 3_600_000;

async function setUp() {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDir());
  const [source, folder] = [join(path, 'source'), join(path, 'trust')];
  const clock = new FakeClock(Date.now());
  const logger = createLogger({ file: join(path, 'log'), name: 'test', level: 'silent' });
  const maker = new ReleaseMaker();
  await maker.release(source, '1.0');
  return {
    path,
    source,
    folder,
    clock,
    maker,
    async open(): Promise<TrustMirror> {
      const mirror = new TrustMirror({ source, folder, clock, logger });
      await mirror.open();
      return mirror;
    },
    async served(mirror: TrustMirror): Promise<Served> {
      return checkServed((name) => mirror.file(name), await readdir(folder));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('what a release maker signs is served with a snapshot and a timestamp of the server over it', async () => {
  await using its = await setUp();
  const mirror = await its.open();
  expect(await its.served(mirror)).toMatchObject({ targets: 1, root: 1 });
  expect(mirror.file('online.json')).toBeUndefined();
  expect((await readdir(its.folder)).toSorted()).toEqual([
    '1.root.json',
    '1.targets.json',
    expect.stringMatching(/^\d+\.snapshot\.json$/),
    'timestamp.json',
  ]);
});

test('signatures are made anew before they expire, with higher versions', async () => {
  await using its = await setUp();
  const mirror = await its.open();
  let before = await its.served(mirror);
  for (let turn = 0; turn < 8 * 40; turn++) {
    await its.clock.advance(3 * HOUR_MS);
    await mirror.refresh();
    const now = await its.served(mirror);
    expect(now.timestamp).toBeGreaterThanOrEqual(before.timestamp);
    expect(now.snapshot).toBeGreaterThanOrEqual(before.snapshot);
    expect(now.expiresAt - its.clock.now()).toBeGreaterThan(10 * HOUR_MS);
    before = now;
  }
  expect((await readdir(its.folder)).filter((name) => name.includes('snapshot')).length).toBeLessThan(4);
});

test('versions never go back: after a restart, a restored backup, a clock that was set back', async () => {
  await using its = await setUp();
  await its.open();
  const backup = join(its.path, 'backup');
  await cp(its.folder, backup, { recursive: true });
  await its.clock.advance(20 * 24 * HOUR_MS);
  const before = await its.served(await its.open());
  await rm(its.folder, { recursive: true });
  await cp(backup, its.folder, { recursive: true });
  await its.clock.advance(1000);
  const restored = await its.served(await its.open());
  expect(restored.timestamp).toBeGreaterThan(before.timestamp);
  expect(restored.snapshot).toBeGreaterThan(before.snapshot);
  its.clock.setNow(its.clock.now() - 365 * 24 * HOUR_MS);
  const back = await its.served(await its.open());
  expect(back.timestamp).toBeGreaterThan(restored.timestamp);
  expect(back.snapshot).toBeGreaterThan(restored.snapshot);
});

test('a newer release and a rotated root are taken up, and what was served stays when the folder goes back', async () => {
  await using its = await setUp();
  const mirror = await its.open();
  const old = join(its.path, 'old');
  await cp(its.source, old, { recursive: true });
  its.maker.rotateRoot();
  await its.maker.release(its.source, '2.0');
  await mirror.refresh();
  expect(await its.served(mirror)).toMatchObject({ targets: 2, root: 2 });
  await rm(its.source, { recursive: true });
  await cp(old, its.source, { recursive: true });
  await mirror.refresh();
  expect(await its.served(mirror)).toMatchObject({ targets: 2, root: 2 });
  expect(await its.served(await its.open())).toMatchObject({ targets: 2, root: 2 });
});

test.each([
  [
    'targets that were changed',
    '2.targets.json',
    (bytes: Buffer) =>
      Buffer.from(bytes.toString().replace('md5', 'md4').replace('"length": ', '"length": 1')),
  ],
  [
    'targets of somebody else',
    '2.targets.json',
    (_: Buffer, maker: ReleaseMaker) => maker.targets(undefined, generateSigningKey()),
  ],
  [
    'a document that changed under its version',
    '1.targets.json',
    (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('\n')]),
  ],
  [
    'a root that the last one has not signed',
    '2.root.json',
    () => Buffer.from(JSON.stringify({ signatures: [], signed: {} })),
  ],
  ['half a file', '2.targets.json', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
])('%s: refused, and the last release stays', async (_title, name, change) => {
  await using its = await setUp();
  const mirror = await its.open();
  const before = await its.served(mirror);
  await its.maker.release(its.source, '2.0');
  const path = join(its.source, 'metadata', name);
  const bytes = await readFile(path).catch(() => Buffer.alloc(0));
  await writeFile(path, change(bytes, its.maker));
  await mirror.refresh();
  expect(mirror.problem).toContain('refused');
  expect(await its.served(mirror)).toEqual(before);
});

test('keys of the release maker are not used, and without keys what was signed stays', async () => {
  await using its = await setUp();
  const mirror = await its.open();
  const before = await its.served(mirror);
  const path = join(its.source, 'keys/online.json');
  const keys = await readFile(path);
  await rm(path);
  await mirror.refresh();
  expect(mirror.problem).toContain('online.json cannot be read');
  const again = await its.open();
  expect(await its.served(again)).toEqual(before);
  await writeFile(path, keys);
  await again.refresh();
  expect(again.problem).toBeUndefined();
});

test('another maker of releases begins anew', async () => {
  await using its = await setUp();
  await its.open();
  await rm(its.source, { recursive: true });
  await new ReleaseMaker().release(its.source, '5.0');
  expect(await its.served(await its.open())).toMatchObject({ targets: 1, root: 1 });
});

test('what a crash leaves at any step is made whole at the next start', async () => {
  await using its = await setUp();
  await its.open();
  const before = await readTrustFolder(its.folder);
  await its.maker.release(its.source, '2.0');
  await its.clock.advance(1000);
  const first = await its.served(await its.open());
  const after = await readTrustFolder(its.folder);
  const written = [...after].filter(([name, bytes]) => before.get(name)?.equals(bytes) !== true);
  expect(written.length).toBe(3);
  for (let steps = 0; steps <= written.length; steps++) {
    await rm(its.folder, { recursive: true });
    await mkdir(its.folder);
    for (const [name, bytes] of [...before, ...written.slice(0, steps)])
      await writeFile(join(its.folder, name), bytes);
    await writeFile(join(its.folder, 'timestamp.json.0123456789ab.tmp'), '{');
    await its.clock.advance(1000);
    const now = await its.served(await its.open());
    expect(now.targets).toBe(2);
    expect(now.timestamp).toBeGreaterThan(first.timestamp);
    expect(await readdir(its.folder)).not.toContain('timestamp.json.0123456789ab.tmp');
  }
});

test('of many releases the last lists stay, and every root', async () => {
  await using its = await setUp();
  const mirror = await its.open();
  for (let number = 2; number <= 6; number++) {
    its.maker.rotateRoot();
    await its.maker.release(its.source, `${number}.0`);
    await mirror.refresh();
    expect(await its.served(mirror)).toMatchObject({ targets: number, root: number });
  }
  const names = await readdir(its.folder);
  expect(names.filter((name) => name.includes('targets'))).toEqual([
    '4.targets.json',
    '5.targets.json',
    '6.targets.json',
  ]);
  expect(names.filter((name) => name.includes('root'))).toHaveLength(6);
});
