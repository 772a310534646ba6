import type { Settings } from '@go-agent/protocol/launch-contract';
import type { EnvFile } from './env-file.ts';

/** Everything that may set something. */
export interface SettingSources {
  /** By setting name, what the command line gave. */
  readonly flags: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly envFile?: EnvFile | undefined;
  /** What the agent that runs, or ran last, was started with. Only given to commands that look into a home. */
  readonly lastRun?: Settings | undefined;
  /** `config/autoregister.properties` by key. */
  readonly properties?: ReadonlyMap<string, string> | undefined;
  /** What relative paths on the command line and in the environment are relative to. */
  readonly cwd: string;
}
