import type { Environment } from '../environment/job-environment.ts';
import type { JobContext } from '../job-context.ts';

/** For one task: `cancelled` is the job's, or for an on-cancel task that of its own time limit. */
export interface TaskContext extends JobContext {
  readonly environment: Environment;
  /** To be called by a task that, once `cancelled`, asks its process to end itself; the promise settles when that is so. */
  readonly endsItself?: (gone: Promise<unknown>) => void;
}

export interface TaskOutcome {
  readonly passed: boolean;
  /** If there was a process, or a shell would give a number for the failure. */
  readonly exitCode?: number;
}
