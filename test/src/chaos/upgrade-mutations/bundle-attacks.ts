import type { SeededRandom } from '../seeded-random.ts';
import { type Attack, type AttackKinds, NAMES } from './attack.ts';
import type { BundleZip } from './bundle-zip.ts';
import type { World } from './world.ts';

/** Something else instead of a bundle that is signed; the server says what it has, or that it has what is signed. */
function instead(
  world: World,
  random: SeededRandom,
  make: (genuine: BundleZip) => { readonly bytes: Buffer; readonly what: string },
): Attack {
  const name = random.pick(NAMES);
  const genuine = world.next[name];
  const { bytes, what } = make(genuine);
  const claimed = random.next() < 0.7 ? { claimed: genuine.md5 } : {};
  return {
    what: `${name}: ${what}${claimed.claimed === undefined ? '' : ', under its MD5'}`,
    trust: world.newest,
    offers: [{ name, bytes, ...claimed }],
  };
}

/** The metadata is right; the bundle is not what it says. */
export const bundleAttacks: AttackKinds = {
  'bundle: bits flipped': (world, random) =>
    instead(world, random, (genuine) => {
      const bytes = Buffer.from(genuine.bytes);
      const places = Array.from({ length: random.integer(1, 3) }, () => random.integer(0, bytes.length - 1));
      for (const place of new Set(places)) bytes[place] = (bytes[place] ?? 0) ^ (1 << random.integer(0, 7));
      return { bytes, what: `bits flipped at ${places.join(', ')}` };
    }),
  'bundle: cut off': (world, random) =>
    instead(world, random, ({ bytes }) => {
      const length = random.integer(0, bytes.length - 1);
      return { bytes: bytes.subarray(0, length), what: `cut off at ${length}` };
    }),
  'bundle: bytes added': (world, random) =>
    instead(world, random, ({ bytes }) => {
      const more = Buffer.alloc(random.integer(1, 100_000), 'x');
      const parts = random.next() < 0.5 ? [bytes, more] : [more, bytes];
      return { bytes: Buffer.concat(parts), what: `${more.length} bytes more` };
    }),
  'bundle: another one': (world, random) =>
    instead(world, random, ({ name }) => {
      const others = [world.evil[name], world.revoked[name], ...Object.values(world.next)] as const;
      const chosen = others[random.integer(0, others.length - 1)] ?? world.evil[name];
      if (chosen === world.next[name]) return { bytes: world.evil[name].bytes, what: 'an evil one' };
      return { bytes: chosen.bytes, what: `a bundle ${chosen.name} with MD5 ${chosen.md5}` };
    }),
  'bundle: not signed': (world, random) => {
    const name = random.pick(NAMES);
    return { what: name, trust: world.newest, offers: [world.evil[name]] };
  },
  'bundle: no end': (world, random) => {
    const name = random.pick(NAMES);
    const { bytes, md5 } = world.next[name];
    return {
      what: name,
      trust: world.newest,
      offers: [{ name, bytes, claimed: md5 }],
      faults: [
        {
          kind: 'endlessBody',
          match: ({ method, path }) => method === 'GET' && path.endsWith(`/${name}.zip`),
          times: Infinity,
        },
      ],
    };
  },
};
