import type { SeededRandom } from '../seeded-random.ts';
import { type AttackKind, type AttackKinds, NAMES } from './attack.ts';
import { bundleZip, type Twist } from './bundle-zip.ts';
import { listing, servedList } from './documents.ts';
import { rawZip } from './raw-zip.ts';

const evil = Buffer.from('evil');
const LINK = 0o120777;

/** Even what is signed is not unpacked if it is not plain: signed by mistake, or by a thief. */
function signed(
  make: (random: SeededRandom) => { readonly twist: Twist; readonly what: string },
): AttackKind {
  return (world, random) => {
    const name = random.pick(NAMES);
    const { twist, what } = make(random);
    const zip = bundleZip(name, 'evil', twist);
    const trust = servedList(world, listing(world, [zip]), world.release.targets);
    return { what: `${name}: ${what}`, trust, offers: [zip] };
  };
}

/** A path that would leave the folder, on some system. */
function outside(random: SeededRandom): string {
  const up = '../'.repeat(random.integer(1, 6));
  return random.pick([
    `${up}x${random.integer(0, 99)}`,
    `a/${up}../x`,
    `/tmp/go-agent-chaos-x${random.integer(0, 99)}`,
    `C:\\x${random.integer(0, 99)}`,
    'C:x',
    '..\\..\\x',
    `a\\${up}x`,
    'a/./b',
    'a//b',
    '..',
    '../',
    './x',
    'x\0y',
    '',
  ]);
}

export const zipAttacks: AttackKinds = {
  'zip: paths that leave the folder': signed((random) => {
    const name = outside(random);
    const listed = random.next() < 0.5 ? {} : { listed: false as const };
    return { twist: { extra: [{ name, data: evil, ...listed }] }, what: JSON.stringify(name) };
  }),
  'zip: links and devices': signed((random) => {
    const mode = random.pick([LINK, LINK, 0o010644, 0o020644, 0o060644, 0o140644]);
    const target = random.pick(['/etc/passwd', '../../..', 'main.mjs']);
    const entry = { name: 'lib', data: Buffer.from(target), mode };
    return { twist: { extra: [entry] }, what: `type ${mode.toString(8)} to ${target}` };
  }),
  'zip: names that are there twice': signed((random) => {
    const name = random.pick(['main.mjs', 'MAIN.mjs', 'manifest.json', 'Manifest.json']);
    return { twist: { extra: [{ name, data: evil, listed: false }] }, what: name };
  }),
  'zip: bombs and lies about sizes': signed((random) => {
    const data = Buffer.alloc(random.integer(1, 8) * 100_000);
    const size = random.pick([0, 1, data.length - 1, data.length + 1, 300 * 2 ** 20, 2 ** 32 - 1]);
    const deflate = random.next() < 0.7;
    const count = random.integer(1, 3);
    const extra = Array.from({ length: count }, (_, i) => ({ name: `big${i}`, data, size, deflate }));
    return { twist: { extra }, what: `${count} of ${data.length} bytes that say ${size}, ${deflate}` };
  }),
  'zip: too many files': signed((random) => {
    const extra = Array.from({ length: random.integer(10_000, 10_050) }, (_, i) => ({
      name: `f${i}`,
      data: Buffer.alloc(0),
      deflate: false,
    }));
    return { twist: { extra }, what: `${extra.length} files` };
  }),
  'zip: encrypted': signed((random) => {
    const flags = random.pick([1, 0x41, 0x2001]);
    return { twist: { module: { flags } }, what: `flags ${flags}` };
  }),
  'zip: hidden bytes': signed((random) => {
    const hidden = random.pick([
      Buffer.alloc(random.integer(1, 1_000), 7),
      rawZip([{ name: 'x', data: evil }]),
    ]);
    const before = random.next() < 0.5;
    const finish = (zip: Buffer) => Buffer.concat(before ? [hidden, zip] : [zip, hidden]);
    return { twist: { finish }, what: `${hidden.length} bytes ${before ? 'before' : 'behind'} it` };
  }),
  'zip: files that overlap': signed((random) => {
    const by = random.integer(1, 20);
    const finish = (zip: Buffer) => {
      const bytes = Buffer.from(zip);
      const directory = bytes.readUInt32LE(bytes.length - 6);
      bytes.writeUInt32LE(bytes.readUInt32LE(directory + 20) + by, directory + 20);
      return bytes;
    };
    return { twist: { finish }, what: `by ${by}` };
  }),
  'zip: manifests that lie': signed((random) => {
    const manifest = random.pick<object>([
      { name: 'something' },
      { contract: random.integer(2, 99) },
      { contract: 'one' },
      { entry: 'missing.mjs' },
      { entry: '../main.mjs' },
      { entry: '/etc/passwd' },
      { files: { 'main.mjs': '0'.repeat(64) } },
      { files: {} },
      { files: null },
      { files: { 'main.mjs': '0'.repeat(64), 'missing.mjs': '0'.repeat(64) } },
      { version: 7 },
    ]);
    return { twist: { manifest }, what: JSON.stringify(manifest) };
  }),
};
