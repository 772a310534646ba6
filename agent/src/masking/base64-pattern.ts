import { hexSpelling, type Pattern, type Spelling, spelling } from './pattern.ts';

/** Shorter runs of base64 occur by chance in ordinary text. */
const SHORTEST_RUN = 6;

/** Where `base64` and MIME break lines, and how that looks inside of JSON. */
const LINE_BREAKS = ['\n', '\r\n', '\\n'];

const SPELLINGS: Readonly<Record<string, readonly Spelling[]>> = {
  '+': [spelling('+'), spelling('-'), hexSpelling('%2b'), hexSpelling('\\u002b')],
  '/': [spelling('/'), spelling('_'), hexSpelling('%2f'), spelling('\\/'), hexSpelling('\\u002f')],
  '=': [spelling('='), hexSpelling('%3d'), hexSpelling('\\u003d')],
};

/**
 * The base64 text in which `bytes` show when so many (modulo 3) other bytes stand before them: the characters that are wholly
 * determined by the bytes, then those that follow if the encoded data end there.
 */
export function base64Pattern(bytes: Buffer, before: 0 | 1 | 2): Pattern | undefined {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const first = Math.ceil((before * 8) / 6);
  const determined = Math.floor(((before + bytes.length) * 8) / 6) - first;
  const units = Array.from(text.slice(first), (char) => SPELLINGS[char] ?? [spelling(char)]);
  const characters = text.replace(/=+$/, '').length - first;
  if (characters < SHORTEST_RUN) return undefined;
  return { units, between: LINE_BREAKS, enough: Math.max(determined, SHORTEST_RUN) };
}
