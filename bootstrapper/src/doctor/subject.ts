import type { Settings } from '@go-agent/protocol/launch-contract';
import type { Clock, ProcessIdentity } from '@go-agent/runtime/core';
import type { HealthReport } from '../control/health-report.ts';
import type { ServerUrl } from '../server-url.ts';
import type { Resolution } from '../settings/resolve-settings.ts';
import type { BootstrapperStatus } from '../status.ts';
import type { ServerProbe } from './probes/server-probe.ts';

/** The agent that is looked at, whether it runs or not. */
export interface Subject {
  /** Absolute path. */
  readonly home: string;
  readonly clock: Clock;
  /** Of this command; the agent's own may be another, see `processPid`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly resolution: Resolution;
  /** What launcher and agent would be handed. */
  readonly settings: Settings;
  /** Undefined: none is set anywhere. */
  readonly server: ServerUrl | undefined;
  readonly probe: ServerProbe;
  /** What the bootstrapper last wrote. */
  readonly status: BootstrapperStatus | undefined;
  /** The bootstrapper of that status lives. */
  readonly running: boolean;
  /** What the bootstrapper that runs says of itself and its agent; undefined also if only its owner may ask. */
  readonly health: HealthReport | undefined;
  /** An agent without a bootstrapper. */
  readonly orphan: ProcessIdentity | undefined;
  /** The agent, else the bootstrapper, else this process. */
  readonly processPid: number;
  /** `look` gets the folder with the carried bundles. */
  readonly lookAtBundles: <T>(look: (folder: string) => Promise<T>) => Promise<T>;
}
