import { createHash } from 'node:crypto';
import {
  decodeRoot,
  decodeSnapshot,
  decodeTargets,
  decodeTimestamp,
  goodSignatures,
  newestTrustFile,
} from '@go-agent/protocol/trust';

export interface Served {
  readonly timestamp: number;
  readonly snapshot: number;
  readonly targets: number;
  readonly root: number;
  readonly expiresAt: number;
}

/** Reads metadata as an agent does, from the timestamp to the targets; throws where it would refuse it. */
export async function checkServed(
  file: (name: string) => Buffer | undefined | Promise<Buffer | undefined>,
  names: readonly string[],
): Promise<Served> {
  const get = async (name: string): Promise<Buffer> => {
    const bytes = await file(name);
    if (bytes === undefined) throw new Error(`${name} is not served`);
    return bytes;
  };
  const json = async (name: string): Promise<unknown> => JSON.parse((await get(name)).toString());
  const root = decodeRoot(await json(newestTrustFile(names, 'root') ?? 'N.root.json')).signed;
  const timestamp = decodeTimestamp(await json('timestamp.json'));
  const says = timestamp.signed.meta['snapshot.json'];
  const snapshot = decodeSnapshot(await json(`${says.version}.snapshot.json`));
  const lists = snapshot.signed.meta['targets.json'];
  const targets = decodeTargets(await json(`${lists.version}.targets.json`));
  for (const [role, document] of Object.entries({ timestamp, snapshot, targets }) as [
    'timestamp' | 'snapshot' | 'targets',
    typeof timestamp,
  ][]) {
    if (goodSignatures(document, root, role).length < 1) throw new Error(`${role} is not signed`);
  }
  const bytes = {
    snapshot: await get(`${says.version}.snapshot.json`),
    targets: await get(`${lists.version}.targets.json`),
  };
  if (sha256(bytes.snapshot) !== says.hashes.sha256)
    throw new Error('the snapshot is not the one of the timestamp');
  if (sha256(bytes.targets) !== lists.hashes.sha256)
    throw new Error('the targets are not those of the snapshot');
  return {
    timestamp: timestamp.signed.version,
    snapshot: snapshot.signed.version,
    targets: targets.signed.version,
    root: root.version,
    expiresAt: Date.parse(timestamp.signed.expires),
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
