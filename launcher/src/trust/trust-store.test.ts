import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCH_CONTRACT } from '@go-agent/protocol/launch-contract';
import { MemoryRelease } from '@go-agent/release/testing';
import { systemClock } from '@go-agent/runtime';
import { tempDir } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { BundleServer } from '../server/bundle-server.ts';
import { TrustStore } from './trust-store.ts';

const DAY_MS = 86_400_000;
const zip = Buffer.from('the bytes of a bundle');
const md5 = createHash('md5').update(zip).digest('hex');

/** A home folder, a bootstrapper's root, and a server that serves what a test has signed. */
async function trustFixture(release = new MemoryRelease()) {
  await using rollback = new AsyncDisposableStack();
  const folder = rollback.use(await tempDir());
  const stub = rollback.use(await startServerStub());
  const trustRoot = join(folder.path, 'root.json');
  await writeFile(trustRoot, release.newestRoot);
  const path = (...parts: string[]) => join(folder.path, 'data', 'trust', ...parts);
  const kept = rollback.move();
  /** One launch. */
  const judge = async (asked: string = md5, change: { trustRoot?: string | undefined } = {}) => {
    const request = {
      contract: LAUNCH_CONTRACT,
      home: folder.path,
      serverUrl: stub.url,
      settings: {},
      runtime: [],
      bootstrapperVersion: '1',
      launcherMd5: '',
      carried: { launcher: '', agent: '' },
      trustRoot,
    };
    const store = new TrustStore(
      { ...request, ...change } as typeof request,
      new BundleServer(stub.url, async () => ({}), systemClock),
      systemClock,
    );
    return await store.judge('agent', asked, new AbortController().signal);
  };
  return { release, stub, trustRoot, path, judge, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function signed(release: MemoryRelease, options: Parameters<MemoryRelease['sign']>[0] = {}) {
  release.list('agent', zip);
  return release.sign(options);
}

test('a bundle that is in the signed list is trusted, with its length and SHA-256', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  expect(await fixture.judge()).toMatchObject({ type: 'trusted', length: zip.length });
  expect((await readdir(fixture.path())).toSorted()).toEqual([
    'anchor.json',
    'root.json',
    'snapshot.json',
    'targets.json',
    'timestamp.json',
  ]);
});

test('a bundle that is not in the list is refused', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  expect(await fixture.judge('0'.repeat(32))).toMatchObject({ type: 'refused', reason: /not in the signed/ });
});

test('a server without metadata is refused, one that is down or overloaded is no verdict', async () => {
  await using fixture = await trustFixture();
  expect((await fixture.judge()).type).toBe('refused');
  fixture.stub.offerTrust(signed(fixture.release));
  const handle = fixture.stub.fault({
    kind: 'status',
    status: 503,
    match: ({ path }) => path.endsWith('.snapshot.json'),
    times: Infinity,
  });
  expect(await fixture.judge()).toMatchObject({ type: 'unknown', reason: /503/ });
  handle.remove();
  await fixture.stub.goAway();
  expect((await fixture.judge()).type).toBe('unknown');
  await fixture.stub.comeBack();
  expect((await fixture.judge()).type).toBe('trusted');
});

test('a bootstrapper that carries no root has no upgrades', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  expect(await fixture.judge(undefined, { trustRoot: undefined })).toMatchObject({
    type: 'refused',
    reason: /carries no root/,
  });
  expect(await fixture.judge(undefined, { trustRoot: '/nowhere/root.json' })).toMatchObject({
    type: 'refused',
  });
});

test('metadata of somebody else, however well made, is refused', async () => {
  await using fixture = await trustFixture();
  const other = new MemoryRelease();
  fixture.stub.offerTrust(signed(other));
  expect((await fixture.judge()).type).toBe('refused');
});

test('expired metadata is refused', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release, { now: Date.now() - 2 * DAY_MS }));
  expect(await fixture.judge()).toMatchObject({ type: 'refused', reason: /timestamp.json is expired/ });
  await using old = await trustFixture(new MemoryRelease({ rootDays: -1 }));
  old.stub.offerTrust(signed(old.release));
  expect(await old.judge()).toMatchObject({ type: 'refused', reason: /root.json is expired/ });
  await using list = await trustFixture();
  list.stub.offerTrust(signed(list.release, { targetsDays: -1 }));
  expect(await list.judge()).toMatchObject({ type: 'refused', reason: /targets.json is expired/ });
});

test('metadata that is older than what was seen is refused, also when it lists what was taken off', async () => {
  await using fixture = await trustFixture();
  const before = new Map(signed(fixture.release, { now: Date.now() - 60_000 }));
  fixture.stub.offerTrust(before);
  expect((await fixture.judge()).type).toBe('trusted');
  fixture.release.unlist('agent', zip);
  fixture.stub.offerTrust(fixture.release.sign());
  expect((await fixture.judge()).type).toBe('refused');
  fixture.stub.offerTrust(before);
  expect(await fixture.judge()).toMatchObject({ type: 'refused', reason: /less than current version/ });
});

test('new keys are followed from root to root, by an old bootstrapper too; the old ones sign no more', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  expect((await fixture.judge()).type).toBe('trusted');
  const before = new Map(fixture.release.files);
  fixture.release.rotate();
  fixture.release.rotate();
  fixture.stub.offerTrust(signed(fixture.release));
  expect((await fixture.judge()).type).toBe('trusted');
  // Signed with the first keys, served beside the new roots.
  const mixed = new Map([...before, ...fixture.release.roots]);
  fixture.stub.offerTrust(mixed);
  expect((await fixture.judge()).type).toBe('refused');
  await using fresh = await trustFixture(fixture.release);
  await writeFile(fresh.trustRoot, String(fixture.release.roots.get('1.root.json')));
  fresh.stub.offerTrust(fixture.release.files);
  expect((await fresh.judge()).type).toBe('trusted');
});

test('a damaged store heals from the carried root', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  await fixture.judge();
  fixture.release.rotate();
  fixture.stub.offerTrust(signed(fixture.release));
  expect((await fixture.judge()).type).toBe('trusted');
  for (const damage of ['', '{"signed":', '{}', 'null', String(new MemoryRelease().newestRoot).slice(5)]) {
    for (const name of await readdir(fixture.path())) await writeFile(fixture.path(name), damage);
    expect(await fixture.judge(), damage).toMatchObject({ type: 'trusted' });
    await writeFile(fixture.path('root.json'), damage);
    expect(await fixture.judge(), damage).toMatchObject({ type: 'trusted' });
  }
  const root = fixture.release.newestRoot;
  expect((await readFile(fixture.path('root.json'))).equals(root)).toBe(true);
});

test('a bootstrapper that was upgraded by hand to another root starts from that', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  await fixture.judge();
  const other = new MemoryRelease();
  await writeFile(fixture.trustRoot, other.newestRoot);
  fixture.stub.offerTrust(signed(other));
  expect((await fixture.judge()).type).toBe('trusted');
});

test('a copy that a killed launcher worked on is removed', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  await mkdir(fixture.path('dead.work'), { recursive: true });
  await fixture.judge();
  expect((await readdir(fixture.path())).filter((name) => name.endsWith('.work'))).toEqual([]);
});

test('documents without end are not read to their end', async () => {
  await using fixture = await trustFixture();
  const files = new Map(signed(fixture.release));
  files.set('timestamp.json', Buffer.alloc(64 * 1024 * 1024, ' '));
  fixture.stub.offerTrust(files);
  expect(await fixture.judge()).toMatchObject({ type: 'refused', reason: /more than the 16384 bytes/ });
  fixture.stub.fault({ kind: 'endlessBody', match: '/timestamp.json' });
  expect(await fixture.judge()).toMatchObject({ type: 'refused', reason: /more than the 16384 bytes/ });
});

test('the server is asked once for several bundles', async () => {
  await using fixture = await trustFixture();
  fixture.stub.offerTrust(signed(fixture.release));
  const { stub, trustRoot } = fixture;
  const request = { home: join(trustRoot, '..'), serverUrl: stub.url, trustRoot } as never;
  const store = new TrustStore(
    request,
    new BundleServer(stub.url, async () => ({}), systemClock),
    systemClock,
  );
  for (let times = 0; times < 3; times++) await store.judge('agent', md5, new AbortController().signal);
  expect(stub.requests.filter(({ path }) => path.endsWith('/timestamp.json'))).toHaveLength(1);
});
