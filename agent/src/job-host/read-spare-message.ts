import { decodeSpareMessage } from '../journal/decode-message.ts';
import type { SpareMessage } from '../journal/format.ts';
import { readJsonLines } from '../journal/json-lines.ts';

/** The first message that a spare gets; undefined if its courier went away without one. */
export async function readSpareMessage(input: AsyncIterable<Uint8Array>): Promise<SpareMessage | undefined> {
  for await (const value of readJsonLines(input)) {
    const message = decodeSpareMessage(value);
    if (message) return message;
  }
  return undefined;
}
