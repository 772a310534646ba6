import type { Settings } from '@go-agent/protocol/launch-contract';
import { findSetting, settingsCatalogue } from './catalogue.ts';
import { isHandedOn } from './launch-settings.ts';

export type FlagSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly message: string };

/** Names whose value would be seen by all in the process list. */
const secretName = /(^|-)(key|token|password|secret|passphrase)$/;

/**
 * What the command line sets, by setting name: the `--set` pairs first, then the flags of their own over them.
 * @param flags by attribute name, such as `serverUrl`
 */
export function settingsOfFlags(flags: Readonly<Record<string, unknown>>): FlagSettings {
  const settings: Record<string, string> = {};
  const pairs = Array.isArray(flags['set']) ? (flags['set'] as readonly string[]) : [];
  for (const pair of pairs) {
    const [, name, value] = /^([a-z][a-z0-9.-]*)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      return { ok: false, message: `--set ${pair.split('=')[0]}: must be name=value with a kebab-case name` };
    const problem = problemOfName(name);
    if (problem !== undefined) return { ok: false, message: `--set ${name}: ${problem}` };
    settings[name] = value;
  }
  for (const { name, flag } of settingsCatalogue) {
    const value = flag === undefined ? undefined : flags[attributeOf(flag)];
    if (typeof value === 'string') settings[name] = value;
  }
  return { ok: true, settings };
}

function problemOfName(name: string): string | undefined {
  const setting = findSetting(name);
  if (setting?.secret === true || (setting === undefined && secretName.test(name)))
    return `a secret does not belong on a command line; use the ${name}-file setting or the environment`;
  return setting?.flag !== undefined && !isHandedOn(setting) ? `use ${setting.flag}` : undefined;
}

/** As commander names it: `--server-url` is `serverUrl`. */
function attributeOf(flag: string): string {
  return flag.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
