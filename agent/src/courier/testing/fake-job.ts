import type { BuildWork } from '@go-agent/protocol';
import { sampleWork } from '../../journal/testing/sample-assignment.ts';

/** What the fake host shall do in place of a job's tasks. */
export interface FakeJob {
  /** Numbered lines to be printed, `line 1` and so on. Default 3. */
  readonly lines?: number;
  /** Between two lines. Default 0. */
  readonly lineMs?: number;
  /** After the lines: stay until this file exists, or the job is cancelled. */
  readonly untilFile?: string;
  /** End without another word in place of the job's end. */
  readonly dieAfterLines?: boolean;
  /** Start a process that outlives this one, as a task's would. */
  readonly leaveChild?: boolean;
  /** End before the job is begun, as long as this file does not exist; it is made then. */
  readonly dieOnceBeforeStart?: string;
  /** A request to the relay, whose answer is printed. */
  readonly relay?: { readonly method: string; readonly path: string; readonly body?: string };
}

const NAME = 'FAKE_JOB';

/** A job that `fake-host/main.ts` understands. Its locator is `up42/<buildId>/up42_stage/1/up42_job`. */
export function fakeWork(buildId: number, job: FakeJob = {}): BuildWork {
  const work = sampleWork(buildId);
  const properties = [{ name: NAME, value: JSON.stringify(job), secure: false, secretParams: [] }];
  const jobIdentifier = { ...work.assignment.jobIdentifier, pipelineCounter: buildId };
  return { ...work, assignment: { ...work.assignment, jobIdentifier, initialContext: { properties } } };
}

export function fakeJobOf(work: BuildWork): FakeJob {
  const property = work.assignment.initialContext.properties.find(({ name }) => name === NAME);
  return JSON.parse(property?.value ?? '{}') as FakeJob;
}

export function fakeConsole(lines: number): string {
  return Array.from({ length: lines }, (_, index) => `&1|12:00:00.000 line ${index + 1}\n`).join('');
}
