import { createHash } from 'node:crypto';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { ConsoleSink } from './console-sink.ts';

test('tries again what could not be written, in order, and tells each failure', async () => {
  const clock = new FakeClock();
  const written: string[] = [];
  const failures: unknown[] = [];
  let full = true;
  const append = (bytes: Buffer) => {
    if (full) return Promise.reject(new Error('ENOSPC'));
    written.push(bytes.toString());
    return Promise.resolve();
  };
  const sink = new ConsoleSink({ append, clock, onStall: (error) => failures.push(error) });
  sink.write(Buffer.from('a'));
  await clock.untilSleeping();
  sink.write(Buffer.from('b'));
  await clock.advance(1000);
  expect(failures).toHaveLength(2);
  full = false;
  const flushed = sink.flush();
  await clock.advance(1000);
  await flushed;
  expect(written.join('')).toBe('ab');
});

test('is congested while more waits for the disk than it should, and collects writes into pieces of 1 MiB', async () => {
  const batches: number[] = [];
  const gate = Promise.withResolvers<void>();
  const append = async (bytes: Buffer) => {
    await gate.promise;
    batches.push(bytes.length);
  };
  const sink = new ConsoleSink({ append, clock: new FakeClock(), onStall: () => undefined });
  for (let i = 0; i < 1000; i += 1) sink.write(Buffer.from(`${i},`));
  expect(sink.congested).toBe(false);
  sink.write(Buffer.alloc(5 * 1024 * 1024));
  expect(sink.congested).toBe(true);
  gate.resolve();
  await sink.flush();
  expect(sink.congested).toBe(false);
  const whole = 1024 * 1024;
  expect(batches).toEqual([whole, whole, whole, whole, whole, 3890]);
});

test('takes memory for what waits only, however much is written, and mixes nothing up', async () => {
  const memories = new Set<unknown>();
  const [written, appended] = [createHash('sha256'), createHash('sha256')];
  const append = (bytes: Buffer) => {
    memories.add(bytes.buffer);
    appended.update(bytes);
    return Promise.resolve();
  };
  const sink = new ConsoleSink({ append, clock: new FakeClock(), onStall: () => undefined });
  for (let i = 0; i < 1000; i += 1) {
    const bytes = Buffer.alloc(70_000 - i, `${i}\xff,`, 'latin1');
    written.update(bytes);
    sink.write(i % 2 === 0 ? bytes : bytes.toString('latin1'));
    bytes.fill(0);
    if (sink.congested) await sink.flush();
  }
  await sink.flush();
  expect(appended.digest('hex')).toBe(written.digest('hex'));
  expect(memories.size).toBeLessThan(8);
});
