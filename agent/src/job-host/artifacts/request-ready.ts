import type { Readable } from 'node:stream';
import type { JobContext } from '../job-context.ts';
import type { RelayAnswer } from '../relay.ts';

/** The server is still making the zip of a folder. */
const NOT_READY = 202;
const ASK_AGAIN_MS = 5000;
/** GoCD's own agent would ask for ever. */
const LONGEST_MS = 30 * 60_000;

type Requester = Pick<JobContext, 'relay' | 'clock' | 'cancelled'>;

/** GET; asks again while the server prepares the answer, for half an hour at most: then it is 202 that is returned. */
export async function requestReady(
  { relay, clock, cancelled }: Requester,
  path: string,
): Promise<RelayAnswer> {
  const deadline = clock.monotonic() + LONGEST_MS;
  for (;;) {
    const answer = await relay.request({ method: 'GET', path, signal: cancelled });
    if (answer.status !== NOT_READY || clock.monotonic() > deadline) return answer;
    answer.body.resume();
    await clock.sleep(ASK_AGAIN_MS, cancelled);
    cancelled.throwIfAborted();
  }
}

export async function readAll(body: Readable): Promise<Buffer> {
  return Buffer.concat(await body.toArray());
}
