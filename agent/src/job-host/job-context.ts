import type { Clock, ProcessContainer } from '@go-agent/runtime/core';
import type { Assignment } from '../journal/format.ts';
import type { JobConsole } from './console/job-console.ts';
import type { Environment } from './environment/job-environment.ts';
import type { Relay } from './relay.ts';
import type { ProcessRunner } from './tasks/process-runner.ts';

/** What every phase of a job works with. */
export interface JobContext {
  readonly assignment: Assignment;
  /** Absolute path of a folder for temporary files: the journal, unless the job runs as another user. */
  readonly folder: string;
  /** Absolute path of the job's working folder. */
  readonly workingDir: string;
  /** What the agent's own environment lets a job inherit. Materials get this, tasks the job's variables besides. */
  readonly inherited: Environment;
  readonly console: JobConsole;
  readonly clock: Clock;
  readonly container: ProcessContainer;
  readonly processes: ProcessRunner;
  readonly relay: Relay;
  /** Aborted with a CancelReason when the job is to end now. */
  readonly cancelled: AbortSignal;
  /** Aborted when what is being ended gets no grace any more. */
  readonly hurry: AbortSignal;
  /** From now until it is disposed of, the job is ended when it prints nothing for longer than its time-out. */
  readonly watchSilence: () => Disposable;
}
