import { createHash } from 'node:crypto';
import { BundleName } from '@go-agent/protocol/launch-contract';
import type { Release } from '../release.ts';

export function md5Of(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** A release whose bundles have the digests of `<version> <name>`, or of the texts given. */
export function testRelease(version: string, texts: { readonly launcher?: string } = {}): Release {
  const bundle = (name: BundleName, text = `${version} ${name}`) => ({
    name,
    md5: md5Of(text),
    sha256: '',
    bytes: 1,
    version,
    path: '/nowhere',
  });
  return {
    version,
    bundles: new Map([
      [BundleName.agent, bundle(BundleName.agent)],
      [BundleName.launcher, bundle(BundleName.launcher, texts.launcher)],
    ]),
  };
}
