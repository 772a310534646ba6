import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { withoutDescriptors } from '../testing/without-descriptors.ts';

test.skipIf(process.platform !== 'linux')(
  'a bundles folder that cannot be watched is polled, and is not the end of the server',
  async () => {
    await using folder = await tempDir();
    const modules = {
      bundles: new URL('bundle-store.ts', import.meta.url).href,
      runtime: import.meta.resolve('@go-agent/runtime/core'),
    };
    const run = `
      const stop = new AbortController();
      const said = [];
      const logger = { info() {}, warn: (_, text) => said.push(text), error() {} };
      const { systemClock } = runtime;
      // The first sleep is until the next poll.
      const sleep = async (ms) => (stop.abort(), said.push(ms), false);
      const clock = { ...systemClock, sleep };
      const [source, dataDir] = ${JSON.stringify([folder.path, folder.path])};
      await new bundles.BundleStore({ source, dataDir, clock, logger }).run(stop.signal);
      console.log(said.join());`;
    expect(await withoutDescriptors(modules, run)).toBe(
      'Cannot watch the bundles folder; it is polled,5000\n',
    );
  },
);
