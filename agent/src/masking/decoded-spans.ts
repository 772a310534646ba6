// The second oracle of the fuzz test: it reads the text instead of writing the secret. Slow, and so asked only where the text has
// a mixture of escapes.
import { secretParts } from './naive-forms.ts';

/** A character that was read, where it ends, and by which kind of escape. */
interface Read {
  readonly char: string;
  readonly end: number;
  readonly kind: string;
}

/** All places at which one of the secrets, escaped in any mixture, can be read. @param text bytes as latin1 */
export function decodedSpans(text: string, secrets: readonly string[]): [number, number][] {
  const found: [number, number][] = [];
  for (const part of secretParts(secrets)) {
    if (Buffer.from(part).length < 4) continue;
    const chars = Array.from(part.replace(/\r\n|\r/g, '\n'));
    for (let start = 0; start < text.length; start++) {
      let ends = new Set([start]);
      for (const char of chars) ends = new Set([...ends].flatMap((at) => endsOf(text, at, char)));
      for (const end of ends) found.push([start, end]);
    }
  }
  return found;
}

function endsOf(text: string, at: number, wanted: string): number[] {
  const reads = readAt(text, at, wanted);
  if (wanted !== '\n') return reads.filter(({ char }) => char === wanted).map(({ end }) => end);
  return reads.flatMap(({ char, end, kind }) => {
    if (char === '\n' || char === '\r\n') return [end];
    if (char !== '\r') return [];
    const also = readAt(text, end, wanted).filter((next) => next.char === '\n' && next.kind === kind);
    return [end, ...also.map((next) => next.end)];
  });
}

const QUOTES: Readonly<Record<string, readonly string[]>> = {
  "'": ["'\\''", `'"'"'`, "''"],
  '"': ['""'],
  ' ': ['+'],
};
const C_CHARS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const NAMES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** What may be read at a place, as far as it could be the wanted character. */
function readAt(text: string, at: number, wanted: string): Read[] {
  const length = Buffer.from(wanted).length;
  const reads: Read[] = [];
  const rest = text.slice(at, at + 64);
  const plain = /^[a-zA-Z0-9]$/.test(wanted);
  const add = (kind: string, match: RegExpExecArray | null, decode: (group: string) => string) => {
    if (match) reads.push({ char: decode(match[1] ?? ''), end: at + match[0].length, kind });
  };
  const bytes = (hex: string) => Buffer.from(hex.replace(/[^0-9a-f]|x/gi, ''), 'hex').toString();
  add('literal', new RegExp(`^([^]{${length}})`).exec(rest), (group) =>
    Buffer.from(group, 'latin1').toString(),
  );
  add('percent', new RegExp(`^((?:%[0-9a-f]{2}){${length}})`, 'i').exec(rest), bytes);
  if (plain) return reads;
  for (const written of QUOTES[wanted] ?? []) {
    if (rest.startsWith(written)) reads.push({ char: wanted, end: at + written.length, kind: 'quote' });
  }
  const points = (hex: string) => String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
  const units = (hex: string) => hex.split('\\u').slice(1).map(points).join('');
  add('backslash', /^\\([ -/:-@[-`{-~])/.exec(rest), (char) => char);
  add('c', /^\\([nrt])/.exec(rest), (char) => C_CHARS[char] ?? '');
  add('dollar', /^'\$'\\([nrt])''/.exec(rest), (char) => C_CHARS[char] ?? '');
  add('dollars', /^'\$'\\r\\n''/.exec(rest), () => '\r\n');
  add('u', new RegExp(`^((?:\\\\u[0-9a-f]{4}){${wanted.length}})`, 'i').exec(rest), units);
  add('U', /^\\U([0-9a-f]{8})/i.exec(rest), points);
  add('x', new RegExp(`^((?:\\\\x[0-9a-f]{2}){${length}})`, 'i').exec(rest), bytes);
  add('octal', new RegExp(`^((?:\\\\[0-3][0-7]{2}){${length}})`).exec(rest), (group) =>
    Buffer.from(
      group
        .split('\\')
        .slice(1)
        .map((digits) => Number.parseInt(digits, 8)),
    ).toString(),
  );
  add('name', /^&(amp|lt|gt|quot|apos);/.exec(rest), (name) => NAMES[name] ?? '');
  add('decimal', /^&#([0-9]{1,7});/.exec(rest), (digits) => points(Number(digits).toString(16)));
  add('hex', /^&#x([0-9a-f]{1,6});/i.exec(rest), points);
  return reads;
}
