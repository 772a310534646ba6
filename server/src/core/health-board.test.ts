import { createLogger } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { LocalEventBus } from '../events/event-bus.ts';
import { HealthBoard } from './health-board.ts';

test('what is shown for a while ends after it, also if the clock is set back by a year meanwhile', async () => {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const log = createLogger({ file: `${folder.path}/log`, name: 'test', level: 'silent' });
  const board = new HealthBoard(new LocalEventBus(log), clock);
  board.reportFor(60_000, { scope: 'a', level: 'warning', message: 'one', detail: '' });
  const at = clock.now();
  clock.setNow(at - 365 * 86_400_000);
  await clock.advance(59_999);
  board.expire();
  expect(board.messages()).toMatchObject([{ message: 'one', at }]);
  await clock.advance(1);
  board.expire();
  expect(board.messages()).toEqual([]);
});

test('a warning whose detail grows keeps its beginning and is one event; each detail of an error is one', async () => {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const log = createLogger({ file: `${folder.path}/log`, name: 'test', level: 'silent' });
  const events = new LocalEventBus(log);
  const board = new HealthBoard(events, clock);
  const at = clock.now();
  const heard = { warning: 0, error: 0 };
  for (const level of ['warning', 'error'] as const) {
    using _heard = events.subscribe(() => {
      heard[level] += 1;
    });
    clock.setNow(at);
    for (let jobs = 1; jobs <= 5; jobs += 1) {
      board.report({ scope: level, level, message: 'Jobs wait', detail: `${jobs} jobs` });
      await clock.advance(1000);
    }
  }
  expect(heard).toEqual({ warning: 1, error: 5 });
  expect(board.messages()).toMatchObject([
    { level: 'warning', detail: '5 jobs', at },
    { level: 'error', detail: '5 jobs', at },
  ]);
});
