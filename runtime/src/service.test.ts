import { expect, test } from 'vitest';
import { untilAborted } from './deadline.ts';
import { every, runServices, type Service, ServiceEnded } from './service.ts';
import { FakeClock } from './testing/fake-clock.ts';

function waiting(name: string, ended: string[]): Service {
  return {
    name,
    async run(signal) {
      await untilAborted(signal);
      ended.push(name);
    },
  };
}

test('stops all services when the signal is aborted', async () => {
  const ended: string[] = [];
  const stop = new AbortController();
  const running = runServices([waiting('a', ended), waiting('b', ended)], stop.signal);
  stop.abort();
  await running;
  expect(ended).toEqual(['a', 'b']);
});

test('stops the others when one ends, and tells them which', async () => {
  let reason: unknown;
  const watcher: Service = {
    name: 'watcher',
    async run(signal) {
      await untilAborted(signal);
      reason = signal.reason;
    },
  };
  await runServices([{ name: 'short', run: () => Promise.resolve() }, watcher], new AbortController().signal);
  expect(reason).toBeInstanceOf(ServiceEnded);
  expect(reason).toMatchObject({ service: 'short' });
});

test('fails with the failure of the one that failed, after all others have ended', async () => {
  const ended: string[] = [];
  const failing: Service = { name: 'failing', run: () => Promise.reject(new Error('no more')) };
  await expect(runServices([waiting('a', ended), failing], new AbortController().signal)).rejects.toThrow(
    'no more',
  );
  expect(ended).toEqual(['a']);
});

test('fails with all failures when several services fail', async () => {
  const failing = (name: string): Service => ({ name, run: () => Promise.reject(new Error(name)) });
  const running = runServices([failing('a'), failing('b')], new AbortController().signal);
  await expect(running).rejects.toMatchObject({ errors: [new Error('a'), new Error('b')] });
});

test('runs after the initial delay, then after each delay, goes on after a failure, and stops on abort', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const errors: unknown[] = [];
  let turns = 0;
  const service = every({
    name: 'turns',
    clock,
    initialDelayMs: 1500,
    delayMs: 5000,
    task: () => {
      turns++;
      return turns === 1 ? Promise.reject(new Error('first')) : Promise.resolve();
    },
    onError: (error) => errors.push(error),
  });
  const running = service.run(stop.signal);

  await clock.advance(1499);
  expect(turns).toBe(0);
  await clock.advance(1);
  expect(turns).toBe(1);
  await clock.advance(10_000);
  expect(turns).toBe(3);
  expect(errors).toEqual([new Error('first')]);
  stop.abort();
  await running;
  expect(clock.sleeping()).toEqual([]);
});
