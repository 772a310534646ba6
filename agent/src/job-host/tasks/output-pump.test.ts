import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { ConsoleSink } from '../console/console-sink.ts';
import { OutputPump } from './output-pump.ts';

test('frees the memory of output that has been carried at once, but none that others use too', async () => {
  const sink = new ConsoleSink({
    append: () => Promise.resolve(),
    clock: new FakeClock(),
    onStall: () => undefined,
  });
  const shared = new Uint8Array(200).fill(0x78).buffer;
  const chunks = [Buffer.alloc(100_000, 'x'), Buffer.from(shared, 0, 100)];
  const source = new PassThrough();
  const seen: string[] = [];
  const write = (chunk: Buffer) => seen.push(chunk.toString());
  const pump = new OutputPump(source, { write, showNow: () => undefined, end: () => undefined }, sink);
  for (const chunk of chunks) source.write(chunk);
  source.end();
  await once(source, 'close');
  await pump.close();
  expect(seen).toEqual(['x'.repeat(100_000), 'x'.repeat(100)]);
  expect(chunks.map(({ length }) => length)).toEqual([0, 100]);
});
