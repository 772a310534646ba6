import { decodedSpans } from './decoded-spans.ts';
import { fuzzSecret, fuzzText } from './fuzz-text.ts';
import { type NaiveForms, naiveForms, naiveMask } from './naive-forms.ts';
import { createMasker, type SecretMasker } from './secret-masker.ts';
import { SeededRandom } from './seeded-random.ts';

const MASK = '******';
const TEXTS_PER_SECRETS = 20;

interface FuzzFailure {
  readonly case: number;
  readonly secrets: readonly string[];
  /** The bytes of these three as latin1. */
  readonly chunks: readonly string[];
  readonly expected: string;
  readonly actual: string;
}

export interface FuzzResult {
  readonly seed: number;
  readonly cases: number;
  /** Cases after which a form of a secret was still to be seen. */
  readonly leaks: number;
  /** Cases in which anything else was not as it should be. */
  readonly damaged: number;
  readonly firstFailure: FuzzFailure | undefined;
}

/** Random secrets in random text, cut at random: compared byte by byte with what a plain search and replace makes of it. */
export function fuzzMasking({ seed, cases }: { seed: number; cases: number }): FuzzResult {
  const random = new SeededRandom(seed);
  let leaks = 0;
  let damaged = 0;
  let firstFailure: FuzzFailure | undefined;
  let secrets: string[] = [];
  let forms: NaiveForms = { all: [], base64: [] };
  let masker = createMasker(secrets);
  for (let index = 0; index < cases; index++) {
    if (index % TEXTS_PER_SECRETS === 0) {
      secrets = random.list(1 + random.integer(4), () => fuzzSecret(random));
      forms = naiveForms(secrets);
      masker = createMasker(secrets);
    }
    const { text, extraForms } = fuzzText(random, secrets, forms);
    const known = extraForms.length === 0 ? forms.all : [...forms.all, ...extraForms];
    const chunks = cut(random, text);
    const actual = run(masker, chunks);
    if (actual === naiveMask(text, known, MASK)) continue;
    // Pieces of several forms may make up one that no single encoder writes.
    const expected = naiveMask(text, known, MASK, decodedSpans(text, secrets));
    if (actual === expected) continue;
    if (shows(actual, known)) leaks++;
    else damaged++;
    firstFailure ??= { case: index, secrets, chunks, expected, actual };
  }
  return { seed, cases, leaks, damaged, firstFailure };
}

function run(masker: SecretMasker, chunks: readonly string[]): string {
  const out = chunks.map((chunk) => masker.write(Buffer.from(chunk, 'latin1')).toString('latin1'));
  return out.join('') + masker.flush().toString('latin1');
}

/** All at once, byte by byte, or in pieces. */
function cut(random: SeededRandom, text: string): string[] {
  const longest = random.pick([1, 3, 16, 80, text.length + 1]);
  const chunks: string[] = [];
  for (let at = 0; at < text.length; ) {
    const end = at + 1 + random.integer(longest);
    chunks.push(text.slice(at, end));
    at = end;
  }
  return chunks;
}

function shows(output: string, forms: readonly string[]): boolean {
  return output.split(MASK).some((piece) => forms.some((form) => piece.includes(form)));
}
