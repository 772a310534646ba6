import { hexSpelling, type Spelling, spelling } from './pattern.ts';

const C_ESCAPES: Readonly<Record<string, readonly string[]>> = {
  '\u0007': ['\\a'],
  '\b': ['\\b'],
  '\t': ['\\t'],
  '\n': ['\\n'],
  '\v': ['\\v'],
  '\f': ['\\f'],
  '\r': ['\\r'],
  '\u001b': ['\\e', '\\E'],
};

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What only one kind of quoting does: form encoding of the space, quotes closed and opened again, quotes doubled. */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  ' ': ['+'],
  "'": ["'\\''", `'"'"'`, "''"],
  '"': ['""'],
};

/** Every way in which a URL, JSON, a shell, XML or HTML writes this character (one code point), itself included. */
export function spellingsOf(char: string): Spelling[] {
  const utf8 = Buffer.from(char);
  const plain = spelling(utf8.toString('latin1'));
  const percent = hexSpelling(eachByte(utf8, (byte) => `%${hex(byte, 2)}`));
  // No tool escapes letters and digits, but some that encode URLs.
  if (/^[A-Za-z0-9]$/.test(char)) return [plain, percent];
  return [
    plain,
    percent,
    ...backslashed(char, utf8),
    ...entities(char),
    ...(SPECIAL[char] ?? []).map(spelling),
  ];
}

const LINE_BREAKS = ['\n', '\r\n', '\r'];

/** A line break in any of its forms: programs and terminals turn one into the other. */
export function lineBreakSpellings(): Spelling[] {
  const alike = LINE_BREAKS.flatMap((lineBreak) => {
    const chars = Array.from(lineBreak, spellingsOf);
    const [first = [], second] = chars;
    if (!second) return first;
    // The list of both has the same order, so the same escape stands at the same place.
    return first.map((one, index) => join(one, second[index] ?? one));
  });
  return [...alike, spelling(`'$'\\r\\n''`)];
}

function join(one: Spelling, other: Spelling): Spelling {
  return { bytes: one.bytes + other.bytes, hex: one.hex || other.hex };
}

function backslashed(char: string, utf8: Buffer): Spelling[] {
  const point = char.codePointAt(0) ?? 0;
  const control = C_ESCAPES[char] ?? [];
  return [
    ...(point >= 0x20 && point < 0x7f ? [spelling(`\\${char}`)] : []),
    ...control.map(spelling),
    // 'one'$'\n''two', as ls and printf of the coreutils quote it
    ...control.map((escape) => spelling(`'$'${escape}''`)),
    hexSpelling(Array.from({ length: char.length }, (_, at) => `\\u${hex(char.charCodeAt(at), 4)}`).join('')),
    hexSpelling(`\\U${hex(point, 8)}`),
    hexSpelling(eachByte(utf8, (byte) => `\\x${hex(byte, 2)}`)),
    spelling(eachByte(utf8, (byte) => `\\${byte.toString(8).padStart(3, '0')}`)),
  ];
}

function entities(char: string): Spelling[] {
  const point = char.codePointAt(0) ?? 0;
  const named = NAMED_ENTITIES[char];
  return [
    ...(named === undefined ? [] : [spelling(named)]),
    spelling(`&#${point};`),
    spelling(`&#0${point};`),
    hexSpelling(`&#x${hex(point, 1)};`),
    hexSpelling(`&#x${hex(point, 4)};`),
  ];
}

function eachByte(bytes: Buffer, write: (byte: number) => string): string {
  return Array.from(bytes, write).join('');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
