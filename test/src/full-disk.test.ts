import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fillDisk, smallDisk } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';

test('an agent that is started on a disk without room for another byte clears up by itself, and works', async ({
  skip,
}) => {
  await using disk = await smallDisk('100m');
  if (disk === undefined) return skip('file systems cannot be mounted here');
  await using system = await startSystem({ agents: 0, agentArgs: ['--set', 'disk-limit=20M'] });
  const agent = system.addAgent();
  await symlink(disk.path, agent.home);
  for (const name of ['filler', 'next'])
    await system.definePipeline(name, [stageOf('only', 'one', [shellTask('echo done')])]);
  await agent.run();
  await system.waitForPass('filler', await system.trigger('filler'), 'only');
  await agent.stop();
  const workspace = join(disk.path, 'pipelines', 'filler');
  fillDisk(join(workspace, 'ballast'));

  await agent.run();
  await system.waitForPass('next', await system.trigger('next'), 'only');
  expect(existsSync(workspace)).toBe(false);
  expect(agent.log('bootstrapper')).toContain('the reserve that was kept there is given up');
});
