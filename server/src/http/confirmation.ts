import type { IncomingHttpHeaders } from 'node:http';
import { Halt } from './halt.ts';

/** A file upload is confirmed by `X-GoCD-Confirm: true` or the old `Confirm: true` (agent-protocol 6.2). */
export function hasConfirmation(headers: IncomingHttpHeaders): boolean {
  return [headers['x-gocd-confirm'], headers['confirm']].some(
    (value) => String(value).toLowerCase() === 'true',
  );
}

/**
 * A write needs JSON as its body, or, without one, the confirming header (server-config-api 3.1): neither can be sent by
 * a foreign page's form.
 * @throws Halt 415 or 400
 */
export function checkWriteBody(headers: IncomingHttpHeaders, body: Buffer | undefined): void {
  if (body !== undefined && body.length > 0) {
    const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
    if (mediaType !== 'application/json') {
      throw Halt.message(415, "You must specify a 'Content-Type' of 'application/json'");
    }
  } else if (headers['x-gocd-confirm'] === undefined) {
    throw Halt.message(400, "Missing required header 'X-GoCD-Confirm' with value 'true'");
  }
}
