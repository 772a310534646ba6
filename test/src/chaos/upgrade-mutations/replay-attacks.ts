import { signOnline } from '@go-agent/protocol/trust';
import { type AttackKinds, NAMES } from './attack.ts';
import { documentOf, FETCHED, fileOf } from './documents.ts';
import type { TrustFiles } from './world.ts';

/** All was signed by the right keys, once. The agent has seen later documents, and what is offered was taken off since. */
export const replayAttacks: AttackKinds = {
  'replay: an old release': (world, random) => {
    const revoked = world.revoked[random.pick(NAMES)];
    return { what: revoked.name, trust: world.old, offers: [revoked] };
  },
  'replay: old documents': (world, random) => {
    const revoked = world.revoked[random.pick(NAMES)];
    const roles = FETCHED.filter(() => random.next() < 0.5);
    if (roles.length === 0 || roles.length === FETCHED.length) return undefined;
    // Under the old and the new names.
    const trust = new Map([...world.old, ...world.newest]);
    for (const role of roles) trust.set(fileOf(world.newest, role), documentOf(world.old, role));
    return { what: `${revoked.name}: ${roles.join(', ')}`, trust, offers: [revoked] };
  },
  'replay: an old list, signed anew': (world, random) => {
    const revoked = world.revoked[random.pick(NAMES)];
    // The server is the enemy's: it says today that the old list is the newest.
    const files = new Map([
      ...world.release.roots,
      [fileOf(world.old, 'targets'), documentOf(world.old, 'targets')],
    ]);
    const now = world.now + random.integer(1, 3_600) * 1_000;
    const trust = new Map([...files, ...signOnline({ files, keys: world.release.online, now })]);
    return { what: `${revoked.name}: at ${now}`, trust, offers: [revoked] };
  },
  'mix: documents of several releases': (world, random) => {
    const sources: readonly [TrustFiles, ...TrustFiles[]] = [
      world.old,
      world.seen,
      world.newest,
      world.other.files,
    ];
    const chosen = FETCHED.map((role) => ({ role, from: random.integer(0, sources.length - 1) }));
    if (new Set(chosen.map(({ from }) => from)).size === 1) return undefined;
    const trust = new Map(sources.flatMap((files) => [...files]));
    for (const [name, bytes] of world.release.roots) trust.set(name, bytes);
    for (const { role, from } of chosen) {
      const bytes = documentOf(sources[from] ?? world.old, role);
      for (const files of sources) trust.set(fileOf(files, role), bytes);
    }
    const offered = random.next() < 0.5 ? world.revoked : world.evil;
    return {
      what: chosen
        .map(({ role, from }) => `${role} of ${['old', 'seen', 'newest', 'other'][from]}`)
        .join(', '),
      trust,
      offers: [offered[random.pick(NAMES)]],
    };
  },
};
