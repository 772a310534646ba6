import type { JobStarted } from '../../journal/format.ts';
import { BEGIN_LIMIT_MS } from './host-link.ts';

export interface HostLoss {
  /** Absent: it has not begun. */
  readonly started: JobStarted | undefined;
  /** It was there, and has been ended because it did not begin. */
  readonly isGivenUp: boolean;
  /** The machine's boot id now. */
  readonly bootId: string;
}

/** Why a job ends without its host: a sentence for the job's console. */
export function describeLoss({ started, isGivenUp, bootId }: HostLoss): string {
  if (isGivenUp) {
    return `The job host did not begin within ${BEGIN_LIMIT_MS / 1000} s and was ended. Look whether the agent's disk hangs or its machine is overloaded, and run the job again`;
  }
  if (started === undefined)
    return 'The job host could not be started. See go-agent-job-host.log on the agent';
  if (started.bootId !== bootId) return "The agent's machine was restarted while the job ran";
  return `The job host ended unexpectedly (process ${started.host.pid}). See go-agent-job-host.log on the agent`;
}
