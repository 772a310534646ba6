import type { Settings } from '@go-agent/protocol/launch-contract';
import { findSetting } from './catalogue.ts';
import type { Origin, Resolution, ResolvedSetting } from './resolve-settings.ts';
import type { Setting } from './setting.ts';

/** Of two ways to say the same, the one that comes first in the order of precedence counts. */
const ALTERNATIVES = [['auto-register-key', 'auto-register-key-file']] as const;

/** The order of precedence; what is not in it is left to launcher and agent to find out. */
const RANK: readonly Origin['type'][] = ['flag', 'environment', 'env-file', 'last-run'];

/** What launcher and agent are handed: whatever somebody set, but not defaults, which are theirs. */
export function launchSettings({ settings, unknown }: Resolution): Settings {
  const given = settings.filter(({ setting, origin }) => RANK.includes(origin.type) && isHandedOn(setting));
  const beaten = new Set(ALTERNATIVES.map((pair) => loser(given, pair)));
  // The agent inherits the environment, so a secret in it need not be copied.
  const kept = given.filter(
    ({ setting, origin }) =>
      !beaten.has(setting.name) && !(setting.secret === true && origin.type === 'environment'),
  );
  return { ...unknown, ...Object.fromEntries(kept.map(({ setting, value }) => [setting.name, value ?? ''])) };
}

/** To launcher and agent. */
export function isHandedOn({ parts }: Setting): boolean {
  return parts.some((part) => part !== 'bootstrapper');
}

function loser(
  given: readonly ResolvedSetting[],
  [key, file]: readonly [string, string],
): string | undefined {
  const rank = (name: string) => {
    const found = given.find(({ setting }) => setting.name === name);
    return found === undefined ? Number.POSITIVE_INFINITY : RANK.indexOf(found.origin.type);
  };
  if (rank(key) === Number.POSITIVE_INFINITY && rank(file) === Number.POSITIVE_INFINITY) return undefined;
  return rank(file) <= rank(key) ? key : file;
}

/** Of settings that were given by their name. */
export function withoutSecrets(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => findSetting(name)?.secret === undefined),
  );
}
