import { createHash } from 'node:crypto';
import { type BundleName, LAUNCH_CONTRACT } from '@go-agent/protocol/launch-contract';
import { type RawEntry, rawZip } from './raw-zip.ts';

export interface BundleZip {
  readonly name: BundleName;
  readonly bytes: Buffer;
  readonly md5: string;
}

export interface Twist {
  /** Entries beside the module and the manifest; the manifest lists them unless `listed` is false. */
  readonly extra?: readonly (RawEntry & { readonly listed?: false })[];
  /** Changes of the manifest. */
  readonly manifest?: object;
  /** Changes of the entry of the module. */
  readonly module?: Partial<RawEntry>;
  /** What is done to the zip in the end. */
  readonly finish?: (zip: Buffer) => Buffer;
}

/** A module that writes down its label when it is run as an agent, or is even loaded as a launcher. */
const source = (label: string) => `
import { writeFileSync } from 'node:fs';
export function main() {
  process.on('message', ({ type }) => {
    if (type !== 'launch') return;
    writeFileSync('launched.txt', ${JSON.stringify(label)});
    process.exit(0);
  });
}
`;

export function bundleZip(name: BundleName, label: string, twist: Twist = {}): BundleZip {
  const { extra = [], manifest = {}, module = {}, finish = (zip: Buffer) => zip } = twist;
  const main: RawEntry = { name: 'main.mjs', data: Buffer.from(source(label)), ...module };
  const listed = [main, ...extra.filter((entry) => entry.listed !== false)];
  const text = JSON.stringify({
    name,
    version: label,
    contract: LAUNCH_CONTRACT,
    entry: 'main.mjs',
    files: Object.fromEntries(listed.map((entry) => [entry.name, hex('sha256', entry.data)])),
    ...manifest,
  });
  const bytes = finish(rawZip([main, ...extra, { name: 'manifest.json', data: Buffer.from(text) }]));
  return { name, bytes, md5: hex('md5', bytes) };
}

export function hex(algorithm: 'md5' | 'sha256', bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
