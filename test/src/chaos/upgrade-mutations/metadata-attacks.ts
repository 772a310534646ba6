import type { Fault } from '@go-agent/server-stub';
import type { SeededRandom } from '../seeded-random.ts';
import { type Attack, type AttackKinds, NAMES } from './attack.ts';
import { documentOf, FETCHED, type Fetched, fileOf, meansTheSame, withFile } from './documents.ts';
import type { World } from './world.ts';

const NUMBERS = [-1, 0, 1, 0.5, 2 ** 31, 2 ** 53, Number.MAX_SAFE_INTEGER] as const;
const GARBAGE = [
  '',
  ' ',
  'null',
  '[]',
  '{}',
  '<html>login</html>',
  '"text"',
  '{"signed":{},"signatures":[]}',
];

/** The documents are served as they are but one, which is another. What is offered is genuine. */
function changed(
  world: World,
  random: SeededRandom,
  change: (document: Buffer, role: Fetched) => { readonly bytes: Buffer | undefined; readonly what: string },
): Attack | undefined {
  const role = random.pick(FETCHED);
  const document = documentOf(world.newest, role);
  const { bytes, what } = change(document, role);
  if (bytes && meansTheSame(bytes, document)) return undefined;
  const name = random.pick(NAMES);
  return {
    what: `${role}: ${what}`,
    trust: withFile(world.newest, fileOf(world.newest, role), bytes),
    offers: [world.next[name]],
  };
}

/** Another value somewhere in a JSON text. */
function edited(value: unknown, random: SeededRandom): unknown {
  if (typeof value === 'number') return random.pick(NUMBERS);
  if (typeof value === 'string') return random.next() < 0.5 ? `${value}0` : value.slice(1);
  if (typeof value !== 'object' || value === null) return 'something';
  const entries = Object.entries(value);
  const [key, inner] = entries[random.integer(0, Math.max(0, entries.length - 1))] ?? ['x', 1];
  const copy = new Map(entries);
  if (random.next() < 0.15) copy.delete(key);
  else copy.set(key, edited(inner, random));
  return Array.isArray(value) ? [...copy.values()] : Object.fromEntries(copy);
}

export const metadataAttacks: AttackKinds = {
  'metadata: bits flipped': (world, random) =>
    changed(world, random, (document) => {
      const bytes = Buffer.from(document);
      const place = random.integer(0, bytes.length - 1);
      const bit = random.integer(0, 7);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
      return { bytes, what: `bit ${bit} flipped at ${place}` };
    }),
  'metadata: cut off': (world, random) =>
    changed(world, random, (document) => {
      const length = random.integer(0, document.length - 3);
      return { bytes: document.subarray(0, length), what: `cut off at ${length}` };
    }),
  'metadata: edited': (world, random) =>
    changed(world, random, (document) => {
      const bytes = Buffer.from(JSON.stringify(edited(JSON.parse(String(document)), random)));
      return { bytes, what: `edited to ${String(bytes)}` };
    }),
  'metadata: something else': (world, random) =>
    changed(world, random, (_document, role) => {
      const others = FETCHED.filter((other) => other !== role).map((other) =>
        documentOf(world.newest, other),
      );
      const texts = [...GARBAGE.map((text) => Buffer.from(text)), ...others, world.release.newestRoot];
      const chosen = random.integer(0, texts.length - 1);
      return { bytes: texts[chosen] ?? Buffer.alloc(0), what: `replaced by number ${chosen}` };
    }),
  'metadata: missing': (world, random) =>
    changed(world, random, () => ({ bytes: undefined, what: 'is not there' })),
  'metadata: too long': (world, random) =>
    changed(world, random, (document) => {
      const bytes = Buffer.concat([
        document,
        Buffer.alloc(random.integer(20_000, 400_000), ' '),
        Buffer.from(' 0'),
      ]);
      return { bytes, what: `${bytes.length} bytes` };
    }),
  'metadata: no end': (world, random) => {
    const role = random.pick(FETCHED);
    const name = random.pick(NAMES);
    return {
      what: role,
      trust: world.newest,
      offers: [world.next[name]],
      faults: [{ kind: 'endlessBody', match: `/${fileOf(world.newest, role)}`, times: Infinity }],
    };
  },
  'metadata: broken answers': (world, random) => {
    const match = `/${fileOf(world.newest, random.pick(FETCHED))}`;
    const status = random.pick([204, 206, 301, 302, 304, 400, 401, 403, 404, 410, 418, 429, 500, 502, 503]);
    const fault = random.pick<Fault>([
      { kind: 'status', status, body: 'no' },
      { kind: 'truncatedBody' },
      { kind: 'garbageBody' },
      { kind: 'drop' },
      { kind: 'dropAfter' },
      { kind: 'redirect', location: 'http://127.0.0.1:1/' },
    ]);
    return {
      what: `${match}: ${fault.kind} ${status}`,
      trust: world.newest,
      offers: [world.next[random.pick(NAMES)]],
      faults: [{ ...fault, match, times: Infinity }],
    };
  },
};
