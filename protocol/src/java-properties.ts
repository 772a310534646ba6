// The text format of java.util.Properties: what escapes, comments and continued lines mean to Java.

/** A key with its value, and the physical lines (without line ends) that it stands on. */
export interface PropertiesEntry {
  readonly key: string;
  readonly value: string;
  /** Number of its first physical line, from 0. */
  readonly line: number;
  readonly lineCount: number;
}

/** Never fails: an escape that Java would refuse stands for its own letters. */
export function parsePropertiesEntries(text: string): readonly PropertiesEntry[] {
  const entries: PropertiesEntry[] = [];
  const lines = splitLines(text);
  for (let line = 0; line < lines.length; ) {
    const first = line++;
    let logical = trimStart(lines[first] ?? '');
    if (logical === '' || /^[#!]/.test(logical)) continue;
    while (endsInBackslash(logical)) {
      logical = logical.slice(0, -1) + trimStart(lines[line] ?? '');
      line++;
      if (line >= lines.length) break;
    }
    entries.push({ ...splitPair(logical), line: first, lineCount: Math.min(line, lines.length) - first });
  }
  return entries;
}

/** The last of equal keys wins. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  return new Map(parsePropertiesEntries(text).map(({ key, value }) => [key, value]));
}

/** `key=value`, escaped as `Properties.store` does. */
export function formatProperty(key: string, value: string): string {
  return `${escape(key).replaceAll(' ', '\\ ')}=${escape(value).replace(/^ /, '\\ ')}`;
}

export function splitLines(text: string): string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
}

function trimStart(line: string): string {
  return line.replace(/^[ \t\f]+/, '');
}

function endsInBackslash(line: string): boolean {
  return (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;
}

function splitPair(line: string): { key: string; value: string } {
  const keyEnd = /^(?:\\.|[^\\=: \t\f])*/s.exec(line)?.[0].length ?? 0;
  const rest = line.slice(keyEnd).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
  return { key: unescape(line.slice(0, keyEnd)), value: unescape(rest) };
}

const UNESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.?))/gs, (_all, hex: string | undefined, char = '') =>
    hex === undefined ? (UNESCAPED[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const ESCAPED: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };

function escape(text: string): string {
  return text.replace(/[\\=:#!]|[^\x20-\x7e]/g, (char) => {
    const named = ESCAPED[char];
    if (named !== undefined) return named;
    if (char > '\x20' && char < '\x7f') return `\\${char}`;
    return `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}
