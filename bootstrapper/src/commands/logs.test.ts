import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { homeFiles } from '../home-files.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { logs } from './logs.ts';

test('logs -f shows what was written before a rotation, and what comes after it', async () => {
  await using home = await tempDir();
  const path = homeFiles(home.path).log('agent');
  await mkdir(join(home.path, 'logs'));
  await writeFile(path, 'zero\none\n');
  const clock = new FakeClock();
  const stop = new AbortController();
  const context = fakeContext({ clock, stop: stop.signal });
  const ended = logs(context, { home: home.path, component: 'agent', lines: 1, follow: true });
  await clock.untilSleeping();
  await appendFile(path, 'two\n');
  await rename(path, `${path}.1`);
  await writeFile(path, 'three\n');
  await clock.advance(250);
  await waitFor(() => context.printed.includes('three'));
  await clock.untilSleeping();
  // Somebody has emptied it.
  await writeFile(path, 'four\n');
  await clock.advance(250);
  await waitFor(() => context.printed.includes('four'));
  stop.abort(new Error('enough'));
  await ended;
  expect(context.printed).toEqual(['one', 'two', 'three', 'four']);
});
