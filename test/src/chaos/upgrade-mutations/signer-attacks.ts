import {
  decodeRoot,
  expiryDate,
  type Root,
  type SigningKey,
  signDocument,
  type Targets,
} from '@go-agent/protocol/trust';
import type { SeededRandom } from '../seeded-random.ts';
import { type AttackKinds, NAMES } from './attack.ts';
import { around, documentOf, listing, servedList, withFile } from './documents.ts';
import { seededKey } from './seeded-key.ts';
import type { TrustFiles, World } from './world.ts';

/** A list with something evil in it, signed by whoever, on a server whose keys the enemy has. */
function evilList(world: World, random: SeededRandom, keys: readonly SigningKey[], what: string) {
  const evil = world.evil[random.pick(NAMES)];
  return {
    what: `${evil.name}: ${what}`,
    trust: servedList(world, listing(world, [evil]), keys),
    offers: [evil],
  };
}

/** A root of the enemy's, with keys of his own for all roles, and a list that follows from it. */
function evilRoot(world: World, random: SeededRandom, { signers, change = {}, file, what }: EvilRoot) {
  const evil = world.evil[random.pick(NAMES)];
  const [own, list] = [seededKey(random), seededKey(random)];
  const genuine = decodeRoot(JSON.parse(String(world.release.newestRoot))).signed;
  const keys = Object.fromEntries([own, list].map((key) => [key.keyid, key.public]));
  const role = (key: SigningKey) => ({ keyids: [key.keyid], threshold: 1 });
  const root: Root = {
    ...genuine,
    version: genuine.version + 1,
    keys,
    roles: { root: role(own), targets: role(list), snapshot: role(list), timestamp: role(list) },
    ...change,
  };
  const targets = signDocument(listing(world, [evil]), [list]);
  const files = around(world, targets, { snapshot: [list], timestamp: [list] });
  const name = `${file ?? root.version}.root.json`;
  return {
    what: `${evil.name}: ${what}`,
    trust: withFile(files, name, signDocument(root, signers(own))),
    offers: [evil],
  };
}

interface EvilRoot {
  readonly signers: (own: SigningKey) => readonly SigningKey[];
  readonly change?: Partial<Root>;
  /** Version in the name of the file, if it is another than in it. */
  readonly file?: number;
  readonly what: string;
}

export const signerAttacks: AttackKinds = {
  'signed by: a stranger': (world, random) => evilList(world, random, [seededKey(random)], 'a new key'),
  'signed by: another role': (world, random) => {
    const { root, online } = world.release;
    const keys = [...root, ...online.snapshot, ...online.timestamp];
    const chosen = random.integer(0, keys.length - 1);
    return evilList(
      world,
      random,
      keys.slice(chosen, chosen + 1),
      `key ${chosen} of those that are not for lists`,
    );
  },
  'signed by: nobody': (world, random) => {
    const evil = world.evil[random.pick(NAMES)];
    const list = listing(world, [evil]);
    const forged = (signatures: unknown) => Buffer.from(JSON.stringify({ signatures, signed: list }));
    const keyid = world.release.targets[0]?.keyid;
    const sig = Array.from({ length: 128 }, () => random.integer(0, 15).toString(16)).join('');
    const { signatures } = JSON.parse(String(documentOf(world.newest, 'targets'))) as { signatures: unknown };
    const texts = [
      // Good ones, of another list.
      signatures,
      [],
      [{ keyid, sig }],
      [{ keyid, sig: '' }],
      [
        { keyid, sig },
        { keyid, sig },
      ],
      {},
      [null],
    ];
    const chosen = random.integer(0, texts.length - 1);
    return {
      what: `${evil.name}: form ${chosen}`,
      trust: around(world, forged(texts[chosen]), world.release.online),
      offers: [evil],
    };
  },
  'signed by: another project': (world, random) => {
    const evil = random.next() < 0.5 ? world.evil : world.revoked;
    const roots = random.next() < 0.5 ? world.release.roots : world.other.roots;
    return {
      what: roots === world.release.roots ? 'with our roots' : 'with its roots',
      trust: new Map([...world.other.files, ...roots]),
      offers: [evil[random.pick(NAMES)]],
    };
  },
  'threshold: one root key of two': (world, random) => {
    const stolen = world.release.root[random.integer(0, 2)];
    return evilRoot(world, random, {
      signers: (own) => (stolen ? [own, stolen] : [own]),
      what: 'a root that one old key signed',
    });
  },
  'threshold: one key, twice': (world, random) => {
    const made = evilRoot(world, random, { signers: (own) => [own], what: 'one old signature, twice' });
    const [name, bytes] = [...made.trust].find(([file]) => file === '2.root.json') ?? [];
    const [stolen] = world.release.root;
    if (name === undefined || bytes === undefined || stolen === undefined) return undefined;
    const { signed, signatures } = JSON.parse(String(bytes)) as { signed: Root; signatures: object[] };
    const again = JSON.parse(String(signDocument(signed, [stolen, stolen]))) as { signatures: object[] };
    const text = JSON.stringify({ signed, signatures: [...signatures, ...again.signatures] });
    return { ...made, trust: withFile(made.trust, name, Buffer.from(text)) };
  },
  'root: own keys only': (world, random) =>
    evilRoot(world, random, { signers: (own) => [own], what: 'a root that only its own key signed' }),
  'root: wrong version': (world, random) => {
    const version = random.pick([0, 1, 3, 7, 2 ** 31]);
    const [first, second] = world.release.root;
    const old = first && second ? [first, second] : [];
    return evilRoot(world, random, {
      // Even with enough old keys.
      signers: (own) => [own, ...old],
      change: { version },
      file: 2,
      what: `version ${version} as the second root`,
    });
  },
  'expired: properly signed': (world, random) => {
    const past = expiryDate(world.now - random.integer(1, 1_000) * 3_600_000);
    const genuine = world.next[random.pick(NAMES)];
    const { targets: keys, online } = world.release;
    const list: Targets = listing(world, []);
    const inTime = signDocument(list, keys);
    const which = random.pick<'timestamp' | 'snapshot' | 'targets' | 'root'>([
      'timestamp',
      'snapshot',
      'targets',
      'root',
    ]);
    const files: Readonly<Record<typeof which, () => TrustFiles>> = {
      timestamp: () => around(world, inTime, online, { timestamp: past }),
      snapshot: () => around(world, inTime, online, { snapshot: past }),
      targets: () => servedList(world, { ...list, expires: past }, keys),
      root: () => {
        const old = decodeRoot(JSON.parse(String(world.release.newestRoot))).signed;
        const next = signDocument({ ...old, version: old.version + 1, expires: past }, world.release.root);
        return withFile(world.newest, `${old.version + 1}.root.json`, next);
      },
    };
    return { what: `${genuine.name}: ${which} since ${past}`, trust: files[which](), offers: [genuine] };
  },
};
