import { DecodeError } from './decode/decode-error.ts';
import { fail } from './decode/decoder.ts';
import { ROOT } from './decode/place.ts';

/** A server sends an empty header rather than this much base64 (reference 1.2). */
const TOO_LONG = 4096;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The header `GoCD-Agent-Extra-Properties` (reference 1.2). Missing or blank: none. The first of equal keys wins; what
 * follows a second `=` is lost. One bad item spoils all, as with the stock agent.
 * @throws DecodeError
 */
export function decodeExtraProperties(header: unknown): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  if (header === undefined || header === null) return properties;
  if (typeof header !== 'string') return fail(ROOT, 'a header', header);
  const base64 = header.trim();
  if (!BASE64.test(base64)) throw new DecodeError('$', 'base64', 'another text');
  const text = Buffer.from(base64, 'base64').toString('utf8').trim();
  for (const [index, item] of text.split(/ +/).entries()) {
    if (item === '') continue;
    const [key = '', value = ''] = item.split('=').map((part) => part.replaceAll('%20', ' '));
    if (key === '' || value === '') throw new DecodeError(`$[${index}]`, 'key=value', 'another text');
    if (!properties.has(key)) properties.set(key, value);
  }
  return properties;
}

/** Empty if it would be too long. The wire cannot say an empty key or value, nor one with `=` or `%20` in it. */
export function encodeExtraProperties(properties: ReadonlyMap<string, string>): string {
  const items = [...properties].map((pair) => pair.map((part) => part.replaceAll(' ', '%20')).join('='));
  const header = Buffer.from(items.join(' ')).toString('base64');
  return header.length < TOO_LONG ? header : '';
}
