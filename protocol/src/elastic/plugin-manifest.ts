import { array, nonEmptyArray, object, optional, record, withDefault } from '../decode/compounds.ts';
import { type Decoder, decodeWith, fail } from '../decode/decoder.ts';
import { integer, oneOf, string } from '../decode/scalars.ts';

/** `rfc`: the requests of `PluginMethod`. `v5`: GoCD's elastic-agent extension, message for message (docs/elastic.md). */
export const PLUGIN_DIALECTS = ['rfc', 'v5'] as const;
export type PluginDialect = (typeof PLUGIN_DIALECTS)[number];

/** `plugin.json` in a plugin's folder. */
export interface PluginManifest {
  /** Such as `go-agent.process`; agents register with it. Letters, digits, dots, hyphens, underscores. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly dialect: PluginDialect;
  /** Program and arguments. `${node}` is the server's own Node, `${plugin}` the plugin's folder; a program with a `./` is in that folder. */
  readonly command: readonly string[];
  /** Added to the environment; nothing else of the server's but PATH, HOME, LANG, TZ, TMPDIR and proxies is passed on. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names of variables of the server that are passed on, too. */
  readonly passEnvironment: readonly string[];
  /** Resident memory in MiB at which the plugin is ended and started again. Default 512. */
  readonly memoryMiB: number;
}

const PLUGIN_ID = /^[A-Za-z0-9][\w.-]{0,254}$/;
const DEFAULT_MEMORY_MIB = 512;

const pluginId: Decoder<string> = (value, at) =>
  typeof value === 'string' && PLUGIN_ID.test(value)
    ? value
    : fail(at, 'an id of letters, digits, dots, hyphens and underscores', value);

const memory: Decoder<number> = (value, at) => {
  const mebibytes = integer(value, at);
  return mebibytes >= 16 ? mebibytes : fail(at, 'at least 16 MiB', value);
};

export const decodePluginManifest = decodeWith(
  object<PluginManifest>({
    id: pluginId,
    name: string,
    version: string,
    dialect: oneOf(PLUGIN_DIALECTS),
    command: nonEmptyArray(string),
    environment: withDefault(record(string), {}),
    passEnvironment: withDefault(array(string), []),
    memoryMiB: (value, at) => optional(memory)(value, at) ?? DEFAULT_MEMORY_MIB,
  }),
);
