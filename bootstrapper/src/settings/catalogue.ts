import { connectionSettings } from './connection-settings.ts';
import { identitySettings } from './identity-settings.ts';
import { jobSettings } from './job-settings.ts';
import type { Setting } from './setting.ts';
import { supervisionSettings } from './supervision-settings.ts';

/** Everything that bootstrapper, launcher and agent let an operator set. docs/agent-settings.md is compared with it. */
export const settingsCatalogue: readonly Setting[] = [
  ...identitySettings,
  ...connectionSettings,
  ...jobSettings,
  ...supervisionSettings,
];

/** Variables that begin as ours do and are no settings. */
export const otherVariables: readonly string[] = [
  'GO_AGENT_JOB_MARKER',
  'GO_AGENT_KEEP_PROCESSES',
  'GO_AGENT_RESOURCES',
  'GO_AGENT_GIT_USER',
  'GO_AGENT_GIT_PASSWORD',
];

export function findSetting(name: string): Setting | undefined {
  return settingsCatalogue.find((setting) => setting.name === name);
}

/** The default of a setting that has one. */
export function defaultOf(name: string): string {
  return findSetting(name)?.default ?? '';
}
