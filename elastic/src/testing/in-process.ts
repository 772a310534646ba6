import { PassThrough } from 'node:stream';
import { systemClock } from '@go-agent/runtime/core';
import type { PluginEnd } from '../sdk/bench/plugin-process.ts';
import type { Provider } from '../sdk/provider.ts';
import type { Fields } from '../sdk/schema.ts';
import { type ServeOptions, servePlugin } from '../sdk/serve-plugin.ts';

/** A provider as a plugin that runs in the process of the test. */
export function inProcess<CF extends Fields, PF extends Fields, K>(
  provider: Provider<CF, PF, K>,
  options: ServeOptions = {},
): PluginEnd {
  const to = new PassThrough();
  const from = new PassThrough();
  let errors = '';
  const write = (line: string) => {
    errors += line;
  };
  const served = servePlugin(provider, { input: to, output: from, errors: { write } }, options);
  const hangUp = async (timeoutMs: number) => {
    to.end();
    const inTime = new AbortController();
    const late = systemClock.sleep(timeoutMs, inTime.signal);
    const ended = await Promise.race([served.then(() => true), late.then((over) => !over)]);
    inTime.abort();
    return ended;
  };
  return {
    messages: { from, to },
    errors: () => errors,
    crash: async () => void (await hangUp(1000)),
    hangUp,
    [Symbol.asyncDispose]: async () => void (await hangUp(1000)),
  };
}
