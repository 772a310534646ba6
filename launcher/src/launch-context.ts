import type { LaunchControl, LaunchRequest } from '@go-agent/protocol/launch-contract';
import type { Clock, Logger } from '@go-agent/runtime';
import type { StateFile } from './state/state-file.ts';

/** What each step of one launch gets, once the home folder is locked. */
export interface LaunchContext {
  readonly request: LaunchRequest;
  readonly control: LaunchControl;
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: StateFile;
  /** Aborted when the service shall end, or the lock is lost. */
  readonly stop: AbortSignal;
}
