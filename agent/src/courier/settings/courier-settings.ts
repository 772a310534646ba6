import type { ContainmentChoice } from '../../journal/containment-choice.ts';
import type { SpaceLimits } from '../../space/choose-removals.ts';
import type { TlsSettings } from '../server/tls-options.ts';

/** Everything an operator or a test may set. Times in milliseconds. */
export interface CourierSettings {
  /** First ping after the start, and the pause from the end of one to the start of the next. */
  readonly pingDelayMs: number;
  readonly pingIntervalMs: number;
  /** How long the server may hold a ping, and a request for work. 0: do not ask it to. */
  readonly pingWaitMs: number;
  readonly workWaitMs: number;
  readonly instructionIntervalMs: number;
  readonly workBackoffMs: number;
  readonly workBackoffMaxMs: number;
  readonly registrationRetryMs: number;
  /** Shortest time between two console uploads: to a server of ours, and to a stock one. */
  readonly consoleIntervalMs: number;
  readonly stockConsoleIntervalMs: number;
  readonly connectTimeoutMs: number;
  /** From the end of a request to the start of its answer, on top of the time for which the server may hold it. */
  readonly answerTimeoutMs: number;
  /** Between the first signal and SIGKILL when a job is ended. */
  readonly graceMs: number;
  /** How long an on-cancel task may take. */
  readonly onCancelMs: number;
  /** How long a job host is kept ready while no job comes. 0: for ever. */
  readonly spareHostIdleMs: number;
  /** Free bytes below which no work is asked for. */
  readonly diskLimitBytes: number;
  /** Of workspaces and caches. */
  readonly spaceLimits: SpaceLimits;
  /** The user as whom jobs run: a name or a number. Absent: as the agent itself. */
  readonly runJobsAs?: string;
  /** `session`: jobs run without a control group even where they could have one. */
  readonly containment: ContainmentChoice;
  readonly tls: TlsSettings;
}
