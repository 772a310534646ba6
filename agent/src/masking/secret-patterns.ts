// Which forms of a secret are looked for. The shorter a form, the more of the ordinary output it would destroy:
//
//   blank                        nothing
//   1 to 3 bytes                 plain
//   4 bytes and more             plain, and escaped as URLs, JSON, shells, XML and HTML do it, in any mixture
//   6 characters of base64       base64 at all three alignments, both alphabets, with line breaks
//   several lines                the whole with any line breaks, and by itself each line (without the blanks around it)
//                                that has 4 bytes and a letter or digit in it
//   line breaks at the end       the secret without them, too: a shell's $(cat file) drops them
import { base64Pattern } from './base64-pattern.ts';
import { lineBreakSpellings, spellingsOf } from './escaped-spellings.ts';
import { type Pattern, type Spelling, spelling } from './pattern.ts';

const SHORTEST_DERIVED = 4;
const LINE_BREAK = /\r\n|\n|\r/;
const ALIGNMENTS = [0, 1, 2] as const;

/** All that must not be seen of these secrets, once each. */
export function secretPatterns(secrets: readonly string[]): Pattern[] {
  return [...new Set(secrets.flatMap(parts))].flatMap(formsOf);
}

/** The secret and those of its parts that are secret by themselves. */
function parts(secret: string): string[] {
  if (secret.trim() === '') return [];
  const lines = secret.split(LINE_BREAK).map((line) => line.trim());
  const telling = lines.filter(
    (line) => Buffer.byteLength(line) >= SHORTEST_DERIVED && /[\p{L}\p{N}]/u.test(line),
  );
  return [secret, secret.replace(/[\r\n]+$/, ''), ...(lines.length > 1 ? telling : [])];
}

function formsOf(part: string): Pattern[] {
  if (Buffer.byteLength(part) < SHORTEST_DERIVED) return [plain(part)];
  const texts = new Set([part, ...['\n', '\r\n'].map((lineBreak) => part.split(LINE_BREAK).join(lineBreak))]);
  const encoded = [...texts].flatMap((text) =>
    ALIGNMENTS.map((before) => base64Pattern(Buffer.from(text), before)),
  );
  return [escaped(part), ...encoded.filter((pattern) => pattern !== undefined)];
}

function plain(part: string): Pattern {
  return { units: [[spelling(Buffer.from(part).toString('latin1'))]], between: [], enough: 1 };
}

function escaped(part: string): Pattern {
  const known = new Map<string, readonly Spelling[]>();
  const units = (part.match(/\r\n|[^]/gu) ?? []).map((char) => {
    const spellings = known.get(char) ?? (LINE_BREAK.test(char) ? lineBreakSpellings() : spellingsOf(char));
    known.set(char, spellings);
    return spellings;
  });
  return { units, between: [], enough: units.length };
}
