import type { LaunchControl, LaunchRequest } from '@go-agent/protocol/launch-contract';
import type { Clock, Logger } from '@go-agent/runtime';
import type { RetryNote } from './retry-note.ts';
import type { BundleServer } from './server/bundle-server.ts';
import type { StateFile } from './state/state-file.ts';
import type { ReachStep } from './swap-step.ts';
import type { TrustStore } from './trust/trust-store.ts';

/** What each step of one launch gets, once the home folder is locked. */
export interface LaunchContext {
  readonly request: LaunchRequest;
  readonly control: LaunchControl;
  readonly clock: Clock;
  readonly log: Logger;
  readonly state: StateFile;
  readonly server: BundleServer;
  readonly trust: TrustStore;
  readonly retry: RetryNote;
  readonly reached: ReachStep;
  /** Aborted when the service shall end, or the lock is lost. */
  readonly stop: AbortSignal;
}
