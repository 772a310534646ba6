import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { treeKinds, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { endSurvivors, markedScript, treeMark } from './marked-tree.ts';

test('what is left of the most evasive tree is found by its mark, and ended', async () => {
  const evasive = treeKinds.find((kind) => kind.evasive)!;
  const mark = treeMark(999_999);
  const child = spawn('sh', ['-c', markedScript(evasive, mark)], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child, 'exit');
  const found = await waitFor(() => endSurvivors(mark).find((line) => line.includes(`sleep ${mark}`)));
  expect(found).toContain(mark);
  await waitFor(() => endSurvivors(mark).length === 0);
});
