import { Readable } from 'node:stream';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { writePluginLog } from './plugin-log.ts';

const MEBIBYTE = 1024 * 1024;

function log(stream: Readable, clock = new FakeClock(), signal = new AbortController().signal) {
  const lines: string[] = [];
  const written = writePluginLog({ stream, clock, signal, write: (line) => lines.push(line) });
  return { lines, written };
}

test('a line that is longer than the longest string is cut, and those after it are whole', async () => {
  function* output() {
    const dots = Buffer.alloc(MEBIBYTE, '.');
    for (let count = 0; count < 600; count++) yield dots;
    yield Buffer.from('\nafter it\n');
  }
  const { lines, written } = log(Readable.from(output()), new FakeClock(), AbortSignal.abort());
  await written;
  expect(lines).toEqual(['.'.repeat(8000), 'after it']);
});

test('lines are whole however they come, with or without an end', async () => {
  const bytes = Buffer.from('Ä€\r\nin\nthe end ✓');
  const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  const { lines, written } = log(Readable.from(single));
  await written;
  expect(lines).toEqual(['Ä€', 'in', 'the end ✓']);
});

test('too many lines are left out, and counted', async () => {
  const stream = new Readable({ read: () => undefined });
  const clock = new FakeClock();
  const { lines, written } = log(stream, clock);
  stream.push(Buffer.from('x\n'.repeat(5000)));
  await clock.advance(1000);
  expect(lines).toHaveLength(1000);
  stream.push(Buffer.from('y\n'));
  stream.push(null);
  await written;
  expect(lines.slice(1000)).toEqual(['(4000 lines before this one are left out: there were too many)', 'y']);
});

test('a flood is read no faster than the server likes, until its plugin has ended', async () => {
  let read = 0;
  function* flood() {
    for (const dots = Buffer.alloc(MEBIBYTE, '.'); read < 100; read++) yield dots;
  }
  const clock = new FakeClock();
  const stop = new AbortController();
  const { written } = log(Readable.from(flood(), { highWaterMark: 1 }), clock, stop.signal);
  await clock.untilSleeping();
  const atOnce = read;
  expect(atOnce).toBeLessThan(12);
  await clock.advance(10_000);
  expect(read - atOnce).toBeGreaterThan(8);
  expect(read - atOnce).toBeLessThan(12);
  stop.abort();
  await written;
  expect(read).toBe(100);
});
