const HTML_UNSAFE = /[<>&='\u2028\u2029]/g;

/** JSON text with the escapes that Gson's HTML-safe mode makes; null properties are left out (reference 4.2). */
function gsonJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => (item === null ? undefined : item));
  return text.replace(HTML_UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * The encoder that belongs to a decoder. The value passes through the decoder first, which puts its keys into Java's
 * order and throws `DecodeError` rather than let a malformed message out.
 */
export function encodeWith<T>(decode: (value: unknown) => T): (value: T) => string {
  return (value) => gsonJson(decode(value));
}
