import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type BundleEntry, checkBundle, MAX_BUNDLE_BYTES } from './bundle-check.ts';
import { BundleName, LAUNCH_CONTRACT } from './launch-contract.ts';

const code = 'export const main = () => 0;';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function entry(entryName: string, text = code, change: Partial<BundleEntry> = {}): BundleEntry {
  const bytes = Buffer.from(text);
  return {
    entryName,
    isDirectory: entryName.endsWith('/'),
    attr: 0,
    header: { size: bytes.length },
    getData: () => bytes,
    ...change,
  };
}

function manifest(change: object = {}): BundleEntry {
  const good = {
    name: 'agent',
    version: '1',
    contract: LAUNCH_CONTRACT,
    entry: 'agent.mjs',
    files: { 'agent.mjs': sha256(code) },
  };
  return entry('manifest.json', JSON.stringify({ ...good, ...change }));
}

test('a bundle whose files are those of its manifest is accepted, folders and all', () => {
  const files = { 'agent.mjs': sha256(code), 'lib/a.mjs': sha256('x').toUpperCase() };
  const result = checkBundle(BundleName.agent, [
    manifest({ files }),
    entry('agent.mjs'),
    entry('lib/', ''),
    entry('lib/a.mjs', 'x'),
  ]);
  expect(result.ok && [...result.files.keys()]).toEqual(['agent.mjs', 'lib/a.mjs']);
});

const symlink = (0o120777 << 16) >>> 0;
const refusals: readonly [string, readonly BundleEntry[], RegExp][] = [
  ['a path that leaves the folder', [manifest(), entry('agent.mjs'), entry('../x')], /leave the folder/],
  [
    'a path that leaves it further down',
    [manifest(), entry('agent.mjs'), entry('a/../../x')],
    /leave the folder/,
  ],
  ['an absolute path', [manifest(), entry('agent.mjs'), entry('/etc/x')], /leave the folder/],
  ['a drive letter', [manifest(), entry('agent.mjs'), entry('c:x')], /leave the folder/],
  ['a backslash', [manifest(), entry('agent.mjs'), entry('..\\x')], /leave the folder/],
  ['an empty name', [manifest(), entry('agent.mjs'), entry('')], /leave the folder/],
  ['a folder that leaves it', [manifest(), entry('agent.mjs'), entry('../')], /leave the folder/],
  ['a symbolic link', [manifest(), entry('agent.mjs', code, { attr: symlink })], /not a plain file/],
  ['a name that is there twice', [manifest(), entry('agent.mjs'), entry('agent.mjs')], /twice/],
  ['names that differ in case only', [manifest(), entry('agent.mjs'), entry('Agent.mjs')], /twice/],
  [
    'more than may be unpacked',
    [manifest(), entry('agent.mjs', code, { header: { size: MAX_BUNDLE_BYTES } })],
    /unpacks to/,
  ],
  [
    'a file that the manifest does not name',
    [manifest(), entry('agent.mjs'), entry('extra.mjs')],
    /not in the manifest/,
  ],
  [
    'a file that is missing',
    [manifest({ files: { 'agent.mjs': sha256(code), 'b.mjs': sha256('') } }), entry('agent.mjs')],
    /missing/,
  ],
  ['a file that was changed', [manifest(), entry('agent.mjs', 'evil')], /SHA-256/],
  ['no manifest', [entry('agent.mjs')], /no manifest/],
  ['a manifest that is not JSON', [entry('manifest.json', '{'), entry('agent.mjs')], /JSON/],
  ['a manifest that is null', [entry('manifest.json', 'null'), entry('agent.mjs')], /manifest.json/],
  ['a manifest without files', [manifest({ files: null }), entry('agent.mjs')], /files/],
  ['a manifest with a contract that is text', [manifest({ contract: '1' }), entry('agent.mjs')], /contract/],
  [
    'a later contract',
    [manifest({ contract: LAUNCH_CONTRACT + 1 }), entry('agent.mjs')],
    /upgrade go-agent by hand/,
  ],
  [
    'a bundle of something else',
    [manifest({ name: 'agent-launcher' }), entry('agent.mjs')],
    /of "agent-launcher"/,
  ],
  ['an entry that is not in it', [manifest({ entry: 'other.mjs' }), entry('agent.mjs')], /entry "other.mjs"/],
  [
    'an entry that every object has',
    [manifest({ entry: 'constructor' }), entry('agent.mjs')],
    /entry "constructor"/,
  ],
];

for (const [title, entries, reason] of refusals) {
  test(`${title}: refused`, () => {
    const result = checkBundle(BundleName.agent, entries);
    expect(result.ok ? 'accepted' : result.reason).toMatch(reason);
  });
}

test('an entry that cannot be unpacked is a refusal, not a crash', () => {
  const getData = () => {
    throw new Error('bad CRC');
  };
  const result = checkBundle(BundleName.agent, [manifest(), entry('agent.mjs', code, { getData })]);
  expect(result.ok ? 'accepted' : result.reason).toMatch(/bad CRC/);
});
