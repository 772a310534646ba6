import { settingsCatalogue } from './catalogue.ts';
import { isHandedOn } from './launch-settings.ts';
import type { Origin, Resolution } from './resolve-settings.ts';
import type { SettingProblem } from './setting-problem.ts';

/** One setting as `config explain --json` shows it. */
export interface ExplainedSetting {
  readonly name: string;
  /** `***` if it is a secret; null if there is none. */
  readonly value: string | null;
  readonly origin: Origin;
  /** {@link origin} in words. */
  readonly from: string;
  readonly default: string | null;
  readonly unit: string | null;
  readonly description: string;
  readonly variables: readonly string[];
  readonly flag: string;
  readonly secret: boolean;
  readonly readBy: readonly string[];
}

export interface Explanation {
  readonly settings: readonly ExplainedSetting[];
  readonly problems: readonly SettingProblem[];
}

const UNITS: Readonly<Record<string, string>> = { time: 'ms, s, m, h, d', size: 'B, K, M, G, T' };

/** Each setting, its value, and where that came from. Pure. */
export function explainSettings({ settings, unknown, problems }: Resolution): Explanation {
  const known = settings
    .filter(({ setting }) => setting.internal !== true)
    .map(({ setting, value, origin }): ExplainedSetting => {
      const isSecret = setting.secret === true;
      return {
        name: setting.name,
        value: value === undefined ? null : isSecret ? '***' : value,
        origin,
        from: describeOrigin(origin),
        default: setting.default ?? null,
        unit: UNITS[setting.kind] ?? null,
        description: setting.about,
        variables: setting.variables,
        flag: isSecret ? 'none' : (setting.flag ?? `--set ${setting.name}`),
        secret: isSecret,
        readBy: setting.parts,
      };
    });
  const others = Object.entries(unknown).map(
    ([name, value]): ExplainedSetting => ({
      name,
      value,
      origin: { type: 'flag', flag: `--set ${name}` },
      from: `--set ${name}`,
      default: null,
      unit: null,
      description: 'not known to this version',
      variables: [],
      flag: `--set ${name}`,
      secret: false,
      readBy: [],
    }),
  );
  return { settings: [...known, ...others], problems };
}

function describeOrigin(origin: Origin): string {
  switch (origin.type) {
    case 'flag':
      return origin.flag;
    case 'environment':
      return `environment: ${origin.variable}`;
    case 'env-file':
      return `${origin.path}: ${origin.variable}`;
    case 'last-run':
      return 'what the agent in this home was last started with';
    case 'properties':
      return `config/autoregister.properties: ${origin.key}`;
    case 'default':
      return 'default';
    case 'none':
      return 'not set';
    default:
      return origin satisfies never;
  }
}

/** For a person: one line for each setting, in columns. */
export function explanationLines({ settings, problems }: Explanation): string[] {
  const rows = settings.map(({ name, value, from }) => [name, value ?? '-', from] as const);
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const [names, values] = [width(0), Math.min(width(1), 48)];
  return [
    ...rows.map(([name, value, from]) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${from}`),
    ...problems.map(({ level, message }) => `${level}: ${message}`),
  ];
}

/** Names of all that `--set` takes, for completion. */
export function settableNames(): string[] {
  return settingsCatalogue
    .filter((setting) => isHandedOn(setting) && setting.secret !== true && setting.internal !== true)
    .map(({ name }) => name);
}
