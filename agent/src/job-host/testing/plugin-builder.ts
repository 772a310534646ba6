import type { Builder, PluggableTaskBuilder } from '@go-agent/protocol';
import { killAll } from './test-job.ts';

/** A plugin task in the job's working folder. */
export function plugin(
  pluginId: string,
  config: Readonly<Record<string, string>>,
  fields: Partial<PluggableTaskBuilder> = {},
): Builder {
  const values = Object.entries(config).map(([name, value]) => [name, { value }]);
  return {
    type: 'PluggableTaskBuilder',
    workingDir: 'pipelines/up42',
    pluginId,
    pluginConfig: Object.fromEntries(values) as PluggableTaskBuilder['pluginConfig'],
    exitCode: -1,
    conditions: [],
    description: `Plugin with ID: ${pluginId}`,
    cancelBuilder: killAll,
    ...fields,
  };
}

/** A script of the built-in script executor. */
export function script(text: string, shtype = '', fields: Partial<PluggableTaskBuilder> = {}): Builder {
  return plugin('script-executor', { script: text, shtype }, fields);
}
