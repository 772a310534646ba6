import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import {
  decodeOnlineKeys,
  decodeRoot,
  decodeTargets,
  goodSignatures,
  newestTrustFile,
  type Root,
  SNAPSHOT_MS,
  signOnline,
  TIMESTAMP_MS,
} from '@go-agent/protocol/trust';
import { tempDir } from '@go-agent/runtime/testing';
import { Metadata, MetadataKind } from '@tufjs/models';
import { expect, test } from 'vitest';
import { packBundle } from '../../scripts/build-bundle.ts';
import { addRelease, makeKeys, readKeyFolder, removeRelease, renewRelease, rotateKeys } from './index.ts';
import { readTrustFiles } from './key-folder.ts';

const now = Date.UTC(2030, 0, 1);

async function workshop() {
  const folder = await tempDir();
  const keys = join(folder.path, 'keys');
  const release = join(folder.path, 'release');
  await makeKeys({ folder: keys, now });
  const bundle = (version: string) =>
    packBundle(
      { name: 'agent', version, file: join(folder.path, `agent-${version}.zip`) },
      new Map([['agent.mjs', `export const main = () => '${version}';`]]),
    );
  const add = async (version: string, at = now) => {
    const { file } = bundle(version);
    return await addRelease({
      folder: release,
      keys: await readKeyFolder(keys),
      now: at,
      version,
      bundles: { [BundleName.agent]: file },
    });
  };
  return {
    keys,
    release,
    bundle,
    add,
    files: () => readTrustFiles(join(release, 'metadata')),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function newestTargets(files: ReadonlyMap<string, Buffer>) {
  const bytes = files.get(newestTrustFile(files.keys(), 'targets') ?? '');
  return decodeTargets(JSON.parse(String(bytes)));
}

function rootIn(files: ReadonlyMap<string, Buffer>, version: number) {
  return decodeRoot(JSON.parse(String(files.get(`${version}.root.json`))));
}

test('a release lists its bundle by MD5, with length, SHA-256 and version; secrets are for their owner only', async () => {
  await using shop = await workshop();
  const { md5 } = shop.bundle('1.0.0');
  await shop.add('1.0.0');
  const files = await shop.files();
  const document = await newestTargets(files);
  const zip = await readFile(join(shop.release, 'agent.zip'));
  expect(document.signed.targets).toEqual({
    [`agent/${md5}.zip`]: {
      length: zip.length,
      hashes: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      custom: { version: '1.0.0' },
    },
  });
  expect([...files.keys()].filter((name) => !/^\d+\.(root|targets|snapshot)\.json$/.test(name))).toEqual([
    'timestamp.json',
  ]);
  for (const file of [join(shop.release, 'keys', 'online.json'), join(shop.keys, 'online.json')])
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  // Neither root nor targets keys are in what goes to a server.
  expect(await readdir(join(shop.release, 'keys'))).toEqual(['online.json']);
});

test('what is signed here is good in the eyes of another implementation', async () => {
  await using shop = await workshop();
  await shop.add('1.0.0');
  const files = await shop.files();
  const read = <Kind extends MetadataKind>(kind: Kind, name: string | undefined) =>
    Metadata.fromJSON(kind as never, JSON.parse(String(files.get(name ?? ''))));
  const root = read(MetadataKind.Root, '1.root.json');
  root.verifyDelegate('root', root);
  root.verifyDelegate('targets', read(MetadataKind.Targets, newestTrustFile(files.keys(), 'targets')));
  root.verifyDelegate('snapshot', read(MetadataKind.Snapshot, newestTrustFile(files.keys(), 'snapshot')));
  root.verifyDelegate('timestamp', read(MetadataKind.Timestamp, 'timestamp.json'));
});

test('a release that is added leaves the others signed; one that is removed is signed no more', async () => {
  await using shop = await workshop();
  await shop.add('1.0.0');
  await shop.add('1.1.0');
  const versions = async () =>
    Object.values((await newestTargets(await shop.files())).signed.targets).map(
      ({ custom }) => custom?.version,
    );
  expect(await versions()).toEqual(['1.0.0', '1.1.0']);
  expect(await readdir(join(shop.release, 'releases'))).toEqual(['1.0.0', '1.1.0']);
  await removeRelease({
    folder: shop.release,
    keys: await readKeyFolder(shop.keys),
    now,
    version: '1.0.0',
  });
  expect(await versions()).toEqual(['1.1.0']);
});

test('a zip that no launcher would run is not signed', async () => {
  await using shop = await workshop();
  const file = join(shop.keys, '..', 'bad.zip');
  await writeFile(file, 'no zip');
  await expect(
    addRelease({
      folder: shop.release,
      keys: await readKeyFolder(shop.keys),
      now,
      version: '1',
      bundles: { agent: file },
    }),
  ).rejects.toThrow();
});

test('a new root is signed by the old and the new threshold, and all that follows by new keys', async () => {
  await using shop = await workshop();
  await shop.add('1.0.0');
  await rotateKeys({ folder: shop.keys, replace: ['root', 'targets', 'online'], now });
  await renewRelease({ folder: shop.release, keys: await readKeyFolder(shop.keys), now });
  const files = await shop.files();
  const [old, next] = [rootIn(files, 1), rootIn(files, 2)];
  const judged = (judge: Root) => goodSignatures(next, judge, 'root').length;
  expect(judged(old.signed)).toBe(3);
  expect(judged(next.signed)).toBe(3);
  const targets = await newestTargets(files);
  expect(goodSignatures(targets, next.signed, 'targets')).toHaveLength(1);
  expect(goodSignatures(targets, old.signed, 'targets')).toHaveLength(0);
});

test('a root is not made when too few of the old keys are there, and its role keeps keys that are elsewhere', async () => {
  await using shop = await workshop();
  const [first, second] = (await readdir(shop.keys)).filter((name) => name.startsWith('root-'));
  await rm(join(shop.keys, first!));
  await rotateKeys({ folder: shop.keys, replace: ['targets'], now });
  const { roots } = await readKeyFolder(shop.keys);
  expect(rootIn(roots as Map<string, Buffer>, 2).signed.roles.root.keyids).toHaveLength(3);
  await rm(join(shop.keys, second!));
  await expect(rotateKeys({ folder: shop.keys, replace: ['targets'], now })).rejects.toThrow(
    /1 of the 2 root keys/,
  );
});

test('a server signs anew when half the time is over or the list has changed, with higher versions each time', async () => {
  await using shop = await workshop();
  await shop.add('1.0.0');
  const keys = decodeOnlineKeys(
    JSON.parse(await readFile(join(shop.release, 'keys', 'online.json'), 'utf8')),
  );
  const files = await shop.files();
  const signed = (at: number) => [...signOnline({ files, keys, now: at }).keys()];
  expect(signed(now)).toEqual([]);
  expect(signed(now + TIMESTAMP_MS / 2)).toEqual(['timestamp.json']);
  const half = now + SNAPSHOT_MS / 2;
  expect(signed(half)).toEqual([`${half / 1000}.snapshot.json`, 'timestamp.json']);
  await shop.add('1.1.0', now + 5_000);
  const changed = await shop.files();
  expect([...signOnline({ files: changed, keys, now: now + 5_000 }).keys()]).toEqual([]);
  // A clock that was set back does not make what is signed look older than what agents have seen.
  changed.delete('timestamp.json');
  changed.set(newestTrustFile(changed.keys(), 'snapshot')!, Buffer.from('damaged'));
  const [snapshot] = signOnline({ files: changed, keys, now: now - 1e9 }).keys();
  expect(Number.parseInt(snapshot!, 10)).toBeGreaterThan((now + 5_000) / 1000);
});

test('a server with the keys of another release says so', async () => {
  await using shop = await workshop();
  await using other = await workshop();
  await shop.add('1.0.0');
  const keys = (await readKeyFolder(other.keys)).online!;
  const files = await shop.files();
  expect(() => signOnline({ files, keys, now })).toThrow(/0 of the 1 snapshot keys/);
});
