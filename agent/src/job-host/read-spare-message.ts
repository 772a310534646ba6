import type { Readable } from 'node:stream';
import { decodeSpareMessage } from '../journal/decode-message.ts';
import type { SpareMessage } from '../journal/format.ts';
import { JsonLines } from '../journal/json-lines.ts';

/**
 * The first message that a spare gets; undefined if its courier went away without one. Listens instead of iterating: a job waits for
 * this, and to leave an iteration costs more than all the rest of it.
 * @throws AppError journal-line-too-long, journal-damaged
 */
export function readSpareMessage(input: Readable): Promise<SpareMessage | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<SpareMessage | undefined>();
  const lines = new JsonLines();
  const onData = (chunk: Buffer) => {
    try {
      const message = [...lines.of(chunk)].map(decodeSpareMessage).find((one) => one !== undefined);
      if (message !== undefined) resolve(message);
    } catch (error) {
      reject(error);
    }
  };
  input.on('data', onData);
  for (const end of ['end', 'close', 'error']) input.once(end, () => resolve(undefined));
  return promise.finally(() => input.off('data', onData));
}
