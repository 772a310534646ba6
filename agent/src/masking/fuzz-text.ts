import type { NaiveForms } from './naive-forms.ts';
import type { SeededRandom } from './seeded-random.ts';

const ALPHABETS = [
  'ab',
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  'ab01"\'\\/ $`!&<>%+=:@,;*#(){}[]?._-',
  'abAB\n',
  'xyz\r\n\n',
  'aé€😀ß ',
  '"\\\'',
].map((alphabet) => Array.from(alphabet));

/** No secret has them, and no escape: where they stand, every form has ended. */
const SEPARATORS = ['~', '^', '|', '\t', '\x01', '\xff', '~~ ~', '\x00'];

export function fuzzSecret(random: SeededRandom): string {
  const alphabet = random.pick(ALPHABETS);
  const length = random.integer(8) === 0 ? random.integer(4) : 4 + random.integer(random.pick([4, 20, 60]));
  return random.list(length, () => random.pick(alphabet)).join('');
}

export interface FuzzText {
  /** A latin1 string of the bytes. */
  readonly text: string;
  /** Forms that occur in this text only, because of where lines are broken. */
  readonly extraForms: readonly string[];
}

/** Ordinary text, secrets in their forms, parts of them, and secrets in the middle of base64. */
export function fuzzText(random: SeededRandom, secrets: readonly string[], forms: NaiveForms): FuzzText {
  const extraForms: string[] = [];
  const pieces = random.list(1 + random.integer(8), () => {
    const kind = random.integer(8);
    if (forms.all.length === 0 || kind < 2) return filler(random);
    if (kind < 5) return separated(random, random.pick(forms.all));
    if (kind === 5) return separated(random, part(random, random.pick(forms.all)));
    if (kind === 6) return separated(random, inBase64(random, random.pick(secrets)));
    return separated(random, inBrokenBase64(random, random.pick(secrets), forms.base64, extraForms));
  });
  return { text: pieces.join(''), extraForms };
}

function filler(random: SeededRandom): string {
  const alphabet = random.pick([
    ['a', 'b'],
    Array.from('the quick brown fox 0123456789'),
    ['\x80', '\xfe', '\x01'],
    ['\n', ' ', '.'],
  ]);
  const text = random.list(random.integer(40), () => random.pick(alphabet)).join('');
  return separated(random, text);
}

function separated(random: SeededRandom, text: string): string {
  return random.pick(SEPARATORS) + text + random.pick(SEPARATORS);
}

/** What looks like a form for a while: its beginning, its end, or all of it but one byte. */
function part(random: SeededRandom, form: string): string {
  const at = random.integer(form.length);
  const kind = random.integer(3);
  if (kind === 0) return form.slice(0, at);
  return kind === 1 ? form.slice(at) : `${form.slice(0, at)}~${form.slice(at + 1)}`;
}

function inBase64(random: SeededRandom, secret: string): string {
  const around = () => Buffer.from(random.list(random.integer(9), () => random.integer(256)));
  return Buffer.concat([around(), Buffer.from(secret), around()]).toString(
    random.pick(['base64', 'base64url']),
  );
}

function inBrokenBase64(
  random: SeededRandom,
  secret: string,
  base64: readonly string[],
  extraForms: string[],
): string {
  const line = inBase64(random, secret);
  const width = 6 + random.integer(71);
  const lineBreak = random.pick(['\n', '\r\n']);
  const place = (at: number) => at + Math.floor(at / width) * lineBreak.length;
  const broken = (line.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(lineBreak);
  for (const form of base64) {
    for (let at = line.indexOf(form); at >= 0; at = line.indexOf(form, at + 1)) {
      extraForms.push(broken.slice(place(at), place(at + form.length - 1) + 1));
    }
  }
  return broken;
}
