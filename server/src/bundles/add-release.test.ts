import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { addRelease } from './add-release.ts';
import { bundleZip, ReleaseMaker } from './testing/release-maker.ts';

const DAY_MS = 86_400_000;

async function setUp() {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDir());
  const maker = new ReleaseMaker();
  const to = join(path, 'bundles');
  return {
    to,
    maker,
    folder: (name: string) => join(path, name),
    async release(version: string, by = maker, expiresAt?: number): Promise<string> {
      const folder = join(path, version);
      await by.release(folder, version, expiresAt);
      return folder;
    },
    add: (from: string, now = Date.now()) => addRelease({ from, to, now }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('releases are added one after the other, and the keys of the server with the first', async () => {
  await using its = await setUp();
  expect(await its.add(await its.release('1.0'))).toEqual({
    version: '1.0',
    wasThere: false,
    targetsVersion: 1,
    rootVersion: 1,
    isFirst: true,
  });
  its.maker.rotateRoot();
  expect(await its.add(await its.release('2.0'))).toMatchObject({
    rootVersion: 2,
    targetsVersion: 2,
    isFirst: false,
  });
  expect(await readdir(join(its.to, 'releases'))).toEqual(['1.0', '2.0']);
  expect(await readdir(join(its.to, 'releases/2.0'))).toEqual(['agent-launcher.zip', 'agent.zip']);
  expect(await readdir(join(its.to, 'metadata'))).toEqual([
    '1.root.json',
    '1.targets.json',
    '2.root.json',
    '2.targets.json',
  ]);
  expect((await stat(join(its.to, 'keys/online.json'))).mode & 0o777).toBe(0o600);
  expect(await readdir(join(its.to, 'keys'))).toEqual(['online.json']);
});

test('adding again changes nothing, and mends what a crash has left in part', async () => {
  await using its = await setUp();
  const from = await its.release('1.0');
  await its.add(from);
  expect(await its.add(from)).toMatchObject({ wasThere: true });
  await rm(join(its.to, 'releases/1.0/agent.zip'));
  await rm(join(its.to, 'metadata/1.targets.json'));
  expect(await its.add(from)).toMatchObject({ wasThere: false });
  expect(await readdir(join(its.to, 'releases'))).toEqual(['1.0']);
});

test('refused: a release of another maker, an old one, an expired one', async () => {
  await using its = await setUp();
  const old = await its.release('1.0');
  await its.add(old);
  await its.add(await its.release('2.0'));
  const other = await its.release('3.0', new ReleaseMaker());
  await expect(its.add(other)).rejects.toMatchObject({
    code: 'release-refused',
    message: expect.stringContaining('another maker'),
  });
  await expect(its.add(old)).rejects.toMatchObject({
    message: expect.stringContaining('its metadata is old'),
  });
  const expired = await its.release('4.0', its.maker, Date.now() + DAY_MS);
  await expect(its.add(expired, Date.now() + 2 * DAY_MS)).rejects.toMatchObject({
    message: expect.stringContaining('expired on'),
  });
  expect(await readdir(join(its.to, 'releases'))).toEqual(['1.0', '2.0']);
});

test.each([
  [
    'a zip that was changed',
    'agent.zip',
    async (path: string) => writeFile(path, await bundleZip('agent', '2.0', 'evil')),
    'has not signed it',
  ],
  [
    'metadata that was changed',
    'metadata/2.targets.json',
    async (path: string) =>
      writeFile(path, (await readFile(path, 'utf8')).replace('"length": ', '"length": 1')),
    'good signatures',
  ],
  ['no metadata', 'metadata', (path: string) => rm(path, { recursive: true }), 'no folder metadata'],
  [
    'no bundles',
    '.',
    async (path: string) => {
      for (const zip of ['agent.zip', 'agent-launcher.zip']) await rm(join(path, zip));
    },
    'has no bundle',
  ],
])('refused: %s; nothing is copied', async (_title, name, change, message) => {
  await using its = await setUp();
  await its.add(await its.release('1.0'));
  const before = await readdir(its.to, { recursive: true });
  const from = await its.release('2.0');
  await change(join(from, name));
  await expect(its.add(from)).rejects.toMatchObject({
    code: 'release-refused',
    message: expect.stringContaining(message),
  });
  expect(await readdir(its.to, { recursive: true })).toEqual(before);
});

test('refused: keys of the release maker instead of those of the server', async () => {
  await using its = await setUp();
  const from = await its.release('1.0');
  const { targetsKey } = its.maker;
  await writeFile(
    join(from, 'keys/online.json'),
    JSON.stringify({ snapshot: [targetsKey], timestamp: [targetsKey] }),
  );
  await expect(its.add(from)).rejects.toMatchObject({
    message: expect.stringContaining('must never be on a server'),
  });
});

test('refused: another content under a version that is there', async () => {
  await using its = await setUp();
  await its.add(await its.release('1.0'));
  const copy = its.folder('copy');
  await mkdir(copy);
  await its.maker.release(copy, '1.0', undefined, 'other content');
  await cp(copy, its.folder('again'), { recursive: true });
  await expect(its.add(its.folder('again'))).rejects.toMatchObject({
    message: expect.stringContaining('Another content needs another version'),
  });
});
