import { readFile } from 'node:fs/promises';
import { decodeOnlineKeys, type OnlineKeys, type Root } from '@go-agent/protocol/trust';
import { refused } from './read-trust.ts';

/**
 * The keys that a server signs with, if they are those that the root names for it, and no others.
 * @throws AppError `release-refused`
 */
export async function readOnlineKeys(path: string, { version, roles }: Root): Promise<OnlineKeys> {
  let keys: OnlineKeys;
  try {
    keys = decodeOnlineKeys(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw refused(`${path} cannot be read, so nothing can be signed; copy it from the release`, error);
  }
  const offline = new Set([...roles.root.keyids, ...roles.targets.keyids]);
  if ([...keys.snapshot, ...keys.timestamp].some(({ keyid }) => offline.has(keyid))) {
    throw refused(
      `${path} has a key of the release maker (root or targets), which must never be on a server. ` +
        'Remove it, and have the release maker put another key into the root',
    );
  }
  for (const role of ['snapshot', 'timestamp'] as const) {
    const known = keys[role].filter(({ keyid }) => roles[role].keyids.includes(keyid)).length;
    if (known < roles[role].threshold)
      throw refused(
        `${path} has not the ${role} keys that ${version}.root.json names; take both from the same release`,
      );
  }
  return keys;
}
