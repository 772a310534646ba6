import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AGENT_LOCK } from '@go-agent/protocol/launch-contract';
import { processIdentity } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { endOrphan } from './end-orphan.ts';

test('an orphan that does not hand over is killed when its time is over', async () => {
  await using folder = await tempDir();
  const source =
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1 << 30); process.stdout.write('.');";
  const orphan = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(orphan.stdout, 'data');
  await writeFile(join(folder.path, AGENT_LOCK), JSON.stringify(processIdentity(orphan.pid!)));
  const clock = new FakeClock();
  const exit = once(orphan, 'exit');
  let ended: string | undefined;
  const ending = endOrphan(folder.path, clock, new AbortController().signal).then((how) => {
    ended = how;
  });
  while (ended === undefined) await clock.advance(500);
  await ending;
  expect(ended).toBe('killed');
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(clock.monotonic()).toBeGreaterThanOrEqual(15_000);
});
