// Loaded only when there is something to judge: tuf-js is no part of an ordinary launch.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '@go-agent/runtime';
import { Updater } from 'tuf-js';
import { MetadataFetcher, type SendGet } from './metadata-fetcher.ts';
import { TrustFolder } from './trust-folder.ts';

export interface VerifyTargets {
  readonly home: string;
  readonly carriedRoot: Buffer;
  /** Where the metadata is served. */
  readonly baseUrl: string;
  readonly send: SendGet;
}

/** A file of the signed list. */
export interface VerifiedTarget {
  readonly length: number;
  readonly hashes: Readonly<Record<string, string>>;
}

export type VerifiedTargets =
  | { readonly type: 'verified'; readonly find: (path: string) => Promise<VerifiedTarget | undefined> }
  | { readonly type: 'refused' | 'unknown'; readonly reason: string };

/** Sizes in bytes: memory stays bounded whatever the server sends. A rotation of the root a month, for 20 years. */
const config = {
  maxRootRotations: 240,
  // The list of the root's own targets keys is the only one.
  maxDelegations: 0,
  rootMaxLength: 256 * 1024,
  timestampMaxLength: 16 * 1024,
  snapshotMaxLength: 256 * 1024,
  targetsMaxLength: 4 * 1024 * 1024,
} as const;

/**
 * Brings the metadata up to date as The Update Framework says: root after root, then timestamp, snapshot, targets; each
 * signed by enough keys, none expired, none older than what was seen before.
 */
export async function verifyTargets(options: VerifyTargets): Promise<VerifiedTargets> {
  const { home, carriedRoot, baseUrl, send } = options;
  const folder = new TrustFolder(home);
  const fetcher = new MetadataFetcher(send);
  const metadataDir = await folder.checkOut(carriedRoot);
  const open = () => new Updater({ metadataDir, metadataBaseUrl: baseUrl, fetcher, config });
  try {
    let updater: Updater;
    try {
      updater = open();
    } catch {
      // The kept root is damaged: the carried one leads to the newest again.
      await writeFile(join(metadataDir, 'root.json'), carriedRoot);
      updater = open();
    }
    await updater.refresh();
    return { type: 'verified', find: (path) => updater.getTargetInfo(path) };
  } catch (error) {
    const { outage } = fetcher;
    if (outage !== undefined) return { type: 'unknown', reason: outage };
    return { type: 'refused', reason: describeError(error) };
  } finally {
    await folder.checkIn(metadataDir, carriedRoot);
  }
}
