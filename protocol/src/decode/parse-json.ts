import { DecodeError } from './decode-error.ts';
import { kindOf } from './decoder.ts';

/**
 * Parses `text` and decodes the result. Throws {@link DecodeError} only. The parser's own message is withheld: it
 * quotes the text around the error, and that may be a secret.
 */
export function parseJson<T>(text: string, decode: (value: unknown) => T): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new DecodeError(
      '$',
      'JSON',
      text.trim() === '' ? kindOf('') : `${text.length} characters that are not`,
    );
  }
  return decode(value);
}
