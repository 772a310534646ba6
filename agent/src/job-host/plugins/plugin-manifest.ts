/** `plugin.json` (docs/task-plugins.md). */
export interface PluginManifest {
  /** What a task names in `plugin: { configuration: { id } }`. */
  readonly id: string;
  /** Of the conversation; 1 if absent. */
  readonly protocol: number;
  readonly command: string;
  readonly args: readonly string[];
}

/** The version of the conversation that this agent speaks. */
export const PLUGIN_PROTOCOL = 1;

/** @throws Error with what is wrong with it */
export function decodePluginManifest(value: unknown): PluginManifest {
  if (typeof value !== 'object' || value === null) throw new Error('it is not a JSON object');
  const { id, protocol = PLUGIN_PROTOCOL, command, args = [] }: Partial<Record<string, unknown>> = value;
  if (typeof id !== 'string' || id === '') throw new Error('it lacks an "id"');
  if (typeof command !== 'string' || command === '') throw new Error('it lacks a "command"');
  if (typeof protocol !== 'number') throw new Error('its "protocol" is not a number');
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string'))
    throw new Error('its "args" are not a list of texts');
  return { id, protocol, command, args };
}
