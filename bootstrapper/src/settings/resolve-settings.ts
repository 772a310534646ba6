import { dirname, resolve } from 'node:path';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { settingsCatalogue } from './catalogue.ts';
import { judgeValue } from './judge-value.ts';
import type { Setting } from './setting.ts';
import type { SettingProblem } from './setting-problem.ts';
import type { SettingSources } from './setting-sources.ts';
import { unknownNames } from './unknown-names.ts';

/** Where a value came from, the first of these that has one. */
export type Origin =
  | { readonly type: 'flag'; readonly flag: string }
  | { readonly type: 'environment'; readonly variable: string }
  | { readonly type: 'env-file'; readonly path: string; readonly variable: string }
  | { readonly type: 'last-run' }
  | { readonly type: 'properties'; readonly key: string }
  | { readonly type: 'default' }
  | { readonly type: 'none' };

export interface ResolvedSetting {
  readonly setting: Setting;
  readonly value?: string;
  readonly origin: Origin;
}

export interface Resolution {
  readonly settings: readonly ResolvedSetting[];
  /** Given with --set and not in the catalogue: handed on as they are, a newer agent may know them. */
  readonly unknown: Settings;
  readonly problems: readonly SettingProblem[];
}

/** Flag, then environment, then file, then default. Pure. */
export function resolveSettings(sources: SettingSources): Resolution {
  const settings = settingsCatalogue.map((setting) =>
    withWholePath(resolveOne(setting, sources), sources.cwd),
  );
  const wrongValues = settings.flatMap(({ setting, value }): SettingProblem[] => {
    const wrong = value === undefined ? undefined : judgeValue(setting, value);
    const shown = setting.secret ? '***' : value;
    return wrong === undefined
      ? []
      : [{ level: 'error', message: `${setting.name} is "${shown}"; ${wrong}` }];
  });
  const known = new Set(settingsCatalogue.map(({ name }) => name));
  const unknown = Object.entries(sources.flags).filter(([name]) => !known.has(name));
  return {
    settings,
    unknown: Object.fromEntries(unknown),
    problems: [...(sources.envFile?.problems ?? []), ...wrongValues, ...unknownNames(sources)],
  };
}

type Found = Pick<ResolvedSetting, 'value' | 'origin'> | undefined;

/** The order of precedence. */
const PLACES: readonly ((setting: Setting, sources: SettingSources) => Found)[] = [
  ({ name, flag }, { flags }) =>
    flags[name] === undefined
      ? undefined
      : { value: flags[name], origin: { type: 'flag', flag: flag ?? `--set ${name}` } },
  ({ variables }, { environment }) =>
    firstGiven(variables, environment, (variable) => ({ type: 'environment', variable })),
  ({ variables }, { envFile }) =>
    envFile &&
    firstGiven(variables, envFile.values, (variable) => ({
      type: 'env-file',
      path: envFile.path,
      variable,
    })),
  ({ name }, { lastRun }) =>
    lastRun?.[name] === undefined ? undefined : { value: lastRun[name], origin: { type: 'last-run' } },
  ({ property }, { properties }) =>
    property !== undefined && properties !== undefined
      ? firstGiven([property], Object.fromEntries(properties), (key) => ({ type: 'properties', key }))
      : undefined,
  ({ default: value }) => (value === undefined ? undefined : { value, origin: { type: 'default' } }),
];

function resolveOne(setting: Setting, sources: SettingSources): ResolvedSetting {
  for (const place of PLACES) {
    const found = place(setting, sources);
    if (found !== undefined) return { setting, ...found };
  }
  return { setting, origin: { type: 'none' } };
}

/** A blank value is one that somebody did not fill in. */
function firstGiven(
  names: readonly string[],
  values: Readonly<Record<string, string | undefined>>,
  originOf: (name: string) => Origin,
): Found {
  const name = names.find((name) => (values[name] ?? '').trim() !== '');
  return name === undefined ? undefined : { value: values[name] ?? '', origin: originOf(name) };
}

/** Launcher and agent work in the home folder, so a path is whole before it gets there. */
function withWholePath(resolved: ResolvedSetting, cwd: string): ResolvedSetting {
  const { setting, value, origin } = resolved;
  if (value === undefined || (setting.kind !== 'file' && setting.kind !== 'folder')) return resolved;
  const from = origin.type === 'env-file' ? dirname(resolve(cwd, origin.path)) : cwd;
  return { ...resolved, value: resolve(from, value) };
}

export function valueOf({ settings }: Resolution, name: string): string | undefined {
  return settings.find(({ setting }) => setting.name === name)?.value;
}
