import { ConsoleTag, consoleText } from '@go-agent/protocol';
import type { CancelReason } from '../journal/format.ts';
import { publishArtifacts } from './artifacts/publish-artifacts.ts';
import { resultOfEnding } from './cancel/result-of-ending.ts';
import type { JobContext } from './job-context.ts';
import { placeOf } from './job-phases.ts';

/** After a cancellation nobody waits for longer. */
const LIMIT_MS = 120_000;
/** Of the others, the job is somebody else's now, or the machine is going down. */
const WANTED: readonly CancelReason[] = ['cancelled', 'timed-out'];

/**
 * Publishes what there is of a job that did not get as far as that: its preparation failed, it was cancelled, or it was silent for
 * too long. Logs and pictures are wanted then most of all. The result stays what it is.
 */
export async function publishLate(context: JobContext): Promise<void> {
  const { assignment, cancelled, console, clock, hurry } = context;
  if (assignment.work.assignment.artifactPlans.length === 0) return;
  const isCancelled = cancelled.aborted && resultOfEnding(cancelled) === 'Cancelled';
  const status = isCancelled ? 'cancelled' : 'failed';
  if (cancelled.aborted && (hurry.aborted || !WANTED.includes(cancelled.reason as CancelReason))) return;
  console.line(ConsoleTag.jobFailed, consoleText.currentJobStatus(status));
  console.line(ConsoleTag.artifact, consoleText.startToUpload(placeOf(assignment)));
  if (!cancelled.aborted) {
    await publishArtifacts(context);
    return;
  }
  const expired = new AbortController();
  const done = new AbortController();
  const timer = clock.sleep(LIMIT_MS, done.signal).then((over) => {
    if (over)
      expired.abort(new Error(`The upload after a cancellation takes longer than ${LIMIT_MS / 1000} s`));
  });
  try {
    await publishArtifacts({ ...context, cancelled: AbortSignal.any([expired.signal, hurry]) });
  } finally {
    done.abort();
    await timer;
  }
}
