import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { consoleLines } from './harness/console-lines.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';

// Skipped where the tests do not run as root: only root may run jobs as another user.
test.runIf(process.getuid?.() === 0)(
  'with --run-jobs-as a job checks out, runs and publishes as that user, and does not get to the token',
  async () => {
    await using system = await startSystem({ agents: 0 });
    const { folder, env, repository } = system;
    chmodSync(folder, 0o711);
    // The server reads the repository as root, the job as its owner.
    writeFileSync(join(String(env['HOME']), '.gitconfig'), '[safe]\n\tdirectory = *\n');
    execFileSync('chown', ['-R', 'nobody', repository.path]);
    const agent = system.addAgent(['--run-jobs-as', 'nobody']);
    await agent.run();
    await system.waitForIdle();
    const script =
      'id -un; cat README.md; mkdir -p out; echo built > out/result.txt; cat ../../config/token || echo closed';
    await system.definePipeline('as-nobody', [
      stageOf('only', 'one', [shellTask(script)], {
        job: { artifacts: [{ build: { source: 'out/*', destination: 'results' } }] },
      }),
    ]);
    for (const counter of [1, 2]) {
      expect(await system.trigger('as-nobody')).toBe(counter);
      await system.waitForPass('as-nobody', counter, 'only');
      const job = { pipeline: 'as-nobody', counter, stage: 'only', job: 'one' };
      const output = consoleLines(await system.console(job)).filter(({ tag }) => tag === '&1');
      expect(output.map(({ text }) => text)).toEqual(['nobody', 'A scenario', 'closed']);
      expect(await system.api.getText(system.file(job, 'results/result.txt'))).toBe('built\n');
    }
    expect(statSync(join(agent.home, 'pipelines', 'as-nobody', 'README.md')).uid).not.toBe(0);
    expect(readFileSync(join(agent.home, 'config', 'token'), 'utf8').trim()).not.toBe('');
  },
);
