import type { Readable } from 'node:stream';
import type { JobContext } from '../job-context.ts';
import type { RelayAnswer } from '../relay.ts';

/** The server is still making the zip of a folder. */
const NOT_READY = 202;
const ASK_AGAIN_MS = 5000;

type Requester = Pick<JobContext, 'relay' | 'clock' | 'cancelled'>;

/** GET; asks again while the server prepares the answer. */
export async function requestReady(
  { relay, clock, cancelled }: Requester,
  path: string,
): Promise<RelayAnswer> {
  for (;;) {
    const answer = await relay.request({ method: 'GET', path, signal: cancelled });
    if (answer.status !== NOT_READY) return answer;
    answer.body.resume();
    await clock.sleep(ASK_AGAIN_MS, cancelled);
    cancelled.throwIfAborted();
  }
}

export async function readAll(body: Readable): Promise<Buffer> {
  return Buffer.concat(await body.toArray());
}
