import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { FakeClock } from './testing/fake-clock.ts';
import { collectGarbage, trimWhileWaiting } from './trim-memory.ts';

test('garbage that nothing else would collect is gone afterwards, and nobody can force a collection by accident', () => {
  let garbage: string[] | undefined = Array.from({ length: 300_000 }, (_, i) => `garbage ${i}`);
  const full = process.memoryUsage().heapUsed;
  expect(garbage).toHaveLength(300_000);
  garbage = undefined;
  collectGarbage();
  expect(process.memoryUsage().heapUsed).toBeLessThan(full - 5_000_000);
  expect(globalThis.gc).toBeUndefined();
});

test('who waits gives memory back after some seconds, again after a minute, then each hour, until there is something to do', async () => {
  const clock = new FakeClock();
  const over = new AbortController();
  const waiting = trimWhileWaiting(clock, over.signal);
  for (const ms of [10_000, 50_000, 3_605_000, 3_605_000]) {
    let garbage: string[] | undefined = Array.from({ length: 300_000 }, (_, i) => `garbage ${i}`);
    expect(garbage).toHaveLength(300_000);
    garbage = undefined;
    const full = process.memoryUsage().heapUsed;
    await clock.untilSleeping();
    await clock.advance(ms);
    await clock.untilSleeping();
    expect(process.memoryUsage().heapUsed).toBeLessThan(full - 5_000_000);
  }
  over.abort();
  await waiting;
});

test('nothing is optimised by V8 while there is nothing to do, and all again as soon as there is something', async () => {
  const program = `
    import { FakeClock } from ${JSON.stringify(import.meta.resolve('./testing/fake-clock.ts'))};
    import { trimWhileWaiting } from ${JSON.stringify(import.meta.resolve('./trim-memory.ts'))};
    const OPTIMISED = 1 << 3;
    async function isOptimised(first) {
      // Another text each time, for which V8 remembers nothing.
      const hot = new Function('n', 'let sum = ' + first + '; for (let i = 0; i < n; i++) sum += i; return sum;');
      for (let i = 0; i < 200; i++) {
        for (let call = 0; call < 100; call++) hot(1000);
        await new Promise(setImmediate);
        if (%GetOptimizationStatus(hot) & OPTIMISED) return true;
      }
      return false;
    }
    const clock = new FakeClock();
    const over = new AbortController();
    const waiting = trimWhileWaiting(clock, over.signal);
    const seen = [await isOptimised(0)];
    await clock.advance(10_000);
    seen.push(await isOptimised(1));
    over.abort();
    await waiting;
    seen.push(await isOptimised(2));
    console.log(JSON.stringify(seen));`;
  // Compiled by this very thread: another one may not get to it before all calls are over.
  const flags = ['--allow-natives-syntax', '--no-concurrent-recompilation'];
  const args = [...flags, '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual([true, false, true]);
});
