import { parsePreferWait } from '@go-agent/protocol';

/** A request is held for this long at most, whatever the client prefers. */
const MAX_WAIT_S = 60;

/** The seconds of `Prefer: wait=N` (RFC 7240), bounded; 0 if there is no such preference or it cannot be read. */
export function preferredWait(header: string | readonly string[] | undefined): number {
  const text = Array.isArray(header) ? header.join(',') : (header as string | undefined);
  return Math.min(parsePreferWait(text) ?? 0, MAX_WAIT_S);
}
