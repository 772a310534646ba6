import { expect, test } from 'vitest';
import { withoutDescriptors } from '../testing/without-descriptors.ts';

test.skipIf(process.platform === 'win32')(
  'git that cannot be started for want of file descriptors is a failed poll, and not the end of the server',
  async () => {
    const modules = {
      git: new URL('run-git.ts', import.meta.url).href,
      runtime: import.meta.resolve('@go-agent/runtime/core'),
    };
    const run = `
      const { signal } = new AbortController();
      const clock = runtime.systemClock;
      const failed = await git.runGit({ args: ['--version'], clock, deadlineMs: 60_000, signal }).catch((error) => error);
      await new Promise(setImmediate);
      console.log(failed.message);`;
    expect(await withoutDescriptors(modules, run)).toContain('Git cannot be started (spawn git EMFILE)');
  },
);
