import {
  type PropertiesEntry,
  parseProperties,
  parsePropertiesEntries,
  splitLines,
} from './java-properties.ts';

/** `config/autoregister.properties`; empty text for what is missing (reference 2.3). */
export interface AutoRegisterProperties {
  readonly key: string;
  /** Comma-separated. */
  readonly resources: string;
  /** Comma-separated. */
  readonly environments: string;
  readonly hostname: string;
  readonly elasticAgentId: string;
  /** Not blank: this is an elastic agent. */
  readonly elasticPluginId: string;
}

const PREFIX = 'agent.auto.register.';
const KEY = `${PREFIX}key`;

export function parseAutoRegisterProperties(text: string): AutoRegisterProperties {
  const properties = parseProperties(text);
  const get = (name: string) => properties.get(PREFIX + name) ?? '';
  return {
    key: get('key'),
    resources: get('resources'),
    environments: get('environments'),
    hostname: get('hostname'),
    elasticAgentId: get('elasticAgent.agentId'),
    elasticPluginId: get('elasticAgent.pluginId'),
  };
}

const KEY_NOTE = 'The autoregister key has been intentionally removed by Go as a security measure.';
const NOTE = 'This property has been removed by Go after attempting to auto-register with the Go server.';
const SCRUBBED: ReadonlySet<string> = new Set(
  ['key', 'resources', 'environments', 'hostname'].map((name) => PREFIX + name),
);

/**
 * The file after a successful registration: the four properties that only count once become comments, the elastic ids
 * stay (reference 2.3). Unlike the stock agent it leaves nothing of the key behind.
 */
export function scrubAutoRegisterProperties(text: string): string {
  const starts = new Map(parsePropertiesEntries(text).map((entry) => [entry.line, entry]));
  const lines = splitLines(text);
  const output: string[] = [];
  for (let line = 0; line < lines.length; ) {
    const entry = starts.get(line);
    const count = entry?.lineCount ?? 1;
    const physical = lines.slice(line, line + count);
    output.push(...(entry !== undefined && SCRUBBED.has(entry.key) ? scrub(entry, physical) : physical));
    line += count;
  }
  return output.join('\n');
}

function scrub(entry: PropertiesEntry, physical: readonly string[]): readonly string[] {
  if (entry.key === KEY) return [`# ${KEY_NOTE}`, `# ${KEY}=`];
  return [`# ${NOTE}`, ...physical.map((line) => `# ${line}`)];
}
