import type { Settings } from '@go-agent/protocol/launch-contract';

/** Flags of `run` and `start` that become settings of the agent. */
export interface SettingFlags {
  readonly set?: readonly string[];
  readonly resources?: string;
  readonly environments?: string;
  readonly hostname?: string;
  readonly autoRegisterKeyFile?: string;
  readonly runJobsAs?: string;
}

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly message: string };

/** Names whose value would be seen by all in the process list. */
const secretName = /(^|-)(key|token|password|secret|passphrase)$/;

/** `--set` values first, then the flags with a name of their own. */
export function parseSettings(flags: SettingFlags): ParsedSettings {
  const settings: Record<string, string> = {};
  for (const pair of flags.set ?? []) {
    const [, name, value] = /^([a-z][a-z0-9.-]*)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      return { ok: false, message: `--set ${pair.split('=')[0]}: must be name=value with a kebab-case name` };
    }
    if (secretName.test(name)) {
      return {
        ok: false,
        message: `--set ${name}: a secret does not belong on a command line; use the ${name}-file setting or the environment`,
      };
    }
    settings[name] = value;
  }
  const named = {
    'auto-register-resources': flags.resources,
    'auto-register-environments': flags.environments,
    'auto-register-hostname': flags.hostname,
    'auto-register-key-file': flags.autoRegisterKeyFile,
    'run-jobs-as': flags.runJobsAs,
  };
  for (const [name, value] of Object.entries(named)) if (value !== undefined) settings[name] = value;
  return { ok: true, settings };
}
