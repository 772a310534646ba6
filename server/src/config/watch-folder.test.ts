import { watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { watchFolder } from './watch-folder.ts';

test('what changes while the folder is being read is looked at soon, not at the next periodic check', async () => {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const reading = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const errors: unknown[] = [];
  let looks = 0;
  const service = watchFolder({
    name: 'test',
    folder: folder.path,
    clock,
    checkMs: 60_000,
    async changed() {
      looks += 1;
      reading.resolve();
      await read.promise;
    },
    onError: (error) => errors.push(error),
  });
  const stop = new AbortController();
  const running = service.run(stop.signal);
  const untilSettling = (how: () => Promise<void>) =>
    waitFor(async () => {
      await how();
      return clock.sleeping().some((ms) => ms < 60_000);
    });
  // Again and again, since nobody says from when on the folder is watched.
  await untilSettling(() => writeFile(join(folder.path, 'first'), ''));
  await clock.advance(1000);
  await reading.promise;

  const told = watch(folder.path, { signal: stop.signal })[Symbol.asyncIterator]();
  const next = told.next();
  await writeFile(join(folder.path, 'second'), '');
  await next;
  read.resolve();
  await untilSettling(() => Promise.resolve());
  await clock.advance(1000);
  await waitFor(() => looks >= 2);
  stop.abort();
  await running;
  expect(errors).toEqual([]);
});
