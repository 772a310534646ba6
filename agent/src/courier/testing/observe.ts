import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leftovers, type TempDir, waitFor } from '@go-agent/runtime/testing';

/** The part of a ServerStub that tells what it was told. */
interface Reports {
  readonly reports: readonly {
    readonly action: string;
    readonly request: { readonly jobState: string } | { readonly jobResult: string };
  }[];
}

/** What the server was told about jobs, in order: states, and results with their call. */
export function reportedSteps(stub: Reports): readonly string[] {
  return stub.reports.map(({ action, request }) =>
    'jobState' in request ? request.jobState : `${action} ${request.jobResult}`,
  );
}

export const WHOLE_JOB = [
  'Preparing',
  'Building',
  'report_completing Passed',
  'Completing',
  'report_completed Passed',
];

export function untilCompleted<T extends Reports>(stub: T): Promise<T['reports'][number]> {
  return waitFor(() => stub.reports.find(({ action }) => action === 'report_completed'), {
    describe: 'report_completed',
  });
}

/**
 * Resolves once the stub has seen that no client waits for an answer any more. Before that, it would give the next job to an agent that
 * is gone.
 */
export async function untilNobodyAsks(stub: {
  readonly requests: readonly { readonly gone: AbortSignal }[];
}): Promise<void> {
  await waitFor(() => stub.requests.every(({ gone }) => gone.aborted), { describe: 'the last client to go' });
}

export function readGuid(home: TempDir): Promise<string> {
  return readFile(join(home.path, 'config', 'guid.txt'), 'utf8');
}

/** Resolves once there is neither a job folder nor a job host in this home. */
export async function untilNoJobs(home: TempDir): Promise<void> {
  const jobs = join(home.path, 'jobs');
  await waitFor(async () => (await readdir(jobs)).length === 0, { describe: 'the job to be gone' });
  await waitFor(() => leftovers(jobs).length === 0, { describe: 'the job hosts to be gone' });
}
