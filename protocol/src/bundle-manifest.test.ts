import { expect, test } from 'vitest';
import { decodeBundleManifest, encodeBundleManifest } from './bundle-manifest.ts';

const manifest = {
  name: 'agent-launcher',
  version: '1.2.3',
  contract: 1,
  entry: 'lib/main.js',
  files: { 'lib/main.js': 'ab'.repeat(32) },
} as const;

test('a manifest survives both ways', () => {
  expect(decodeBundleManifest(JSON.parse(encodeBundleManifest(manifest)))).toEqual(manifest);
});

test.each(['../x', '/etc/passwd', 'a//b', 'a/../b', './a', 'C:\\x', 'a\\b', ''])(
  'a path that leaves the bundle is refused: %j',
  (path) => {
    expect(() => decodeBundleManifest({ ...manifest, entry: path })).toThrow(
      '$.entry: expected a path inside',
    );
    expect(() => decodeBundleManifest({ ...manifest, files: { [path]: 'ab'.repeat(32) } })).toThrow(
      '$.files',
    );
  },
);

test('a hash that is no SHA-256 and a bundle of another kind are refused', () => {
  expect(() => decodeBundleManifest({ ...manifest, files: { a: 'ff' } })).toThrow('a SHA-256 in hex');
  expect(() => decodeBundleManifest({ ...manifest, name: 'bootstrapper' })).toThrow('$.name');
});
