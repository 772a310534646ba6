import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CompiledSecrets } from '../../masking/compiled-secrets.ts';
import { ConsoleSink } from './console-sink.ts';
import { JobConsole } from './job-console.ts';

const AT = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();

function testConsole(secrets: readonly string[] = []) {
  const clock = new FakeClock(AT);
  const chunks: Buffer[] = [];
  const append = (bytes: Buffer) => {
    chunks.push(Buffer.from(bytes));
    return Promise.resolve();
  };
  const sink = new ConsoleSink({ append, clock, onStall: () => undefined });
  const console = new JobConsole({ sink, clock, secrets: new CompiledSecrets([...secrets]) });
  const text = async () => {
    await sink.flush();
    return Buffer.concat(chunks).toString();
  };
  return { clock, console, text };
}

const OUT = '&1|03:04:05.006 ';
const ERR = '&2|03:04:05.006 ';

test('gives each physical line its tag and time', async () => {
  const { console, text } = testConsole();
  console.line('##', 'one\ntwo');
  const stream = console.stream('&1');
  stream.write(Buffer.from('a\n\nb\n'));
  stream.end();
  expect(await text()).toBe(`##|03:04:05.006 one\n##|03:04:05.006 two\n${OUT}a\n${OUT}\n${OUT}b\n`);
});

test('joins what arrives in pieces, characters cut in two included', async () => {
  const { console, text } = testConsole();
  const stream = console.stream('&1');
  for (const byte of Buffer.from('grün €\r\n😀\n')) stream.write(Buffer.of(byte));
  stream.end();
  expect(await text()).toBe(`${OUT}grün €\n${OUT}😀\n`);
});

test('keeps a lone carriage return, and ends a last line without an end', async () => {
  const { console, text } = testConsole();
  const stream = console.stream('&1');
  stream.write(Buffer.from('10%\r20%\r'));
  stream.end();
  expect(await text()).toBe(`${OUT}10%\r20%\n`);
});

test('shows an unfinished line within a second, and continues it without a second tag', async () => {
  const { clock, console, text } = testConsole();
  const stop = new AbortController();
  const showing = console.showPartialLines(stop.signal);
  const stream = console.stream('&1');
  stream.write(Buffer.concat([Buffer.from('name? '), Buffer.from('é').subarray(0, 1)]));
  await clock.advance(1000);
  expect(await text()).toBe('&1|03:04:05.806 name? ');
  stream.write(Buffer.concat([Buffer.from('é').subarray(1), Buffer.from('\nnext\n')]));
  const later = '&1|03:04:06.006 ';
  expect(await text()).toBe(`&1|03:04:05.806 name? é\n${later}next\n`);
  stop.abort();
  await showing;
});

test('ends an unfinished line that is shown before another stream writes, and tags what follows anew', async () => {
  const { console, text } = testConsole();
  const out = console.stream('&1');
  const err = console.stream('&2');
  out.write(Buffer.from('half'));
  err.write(Buffer.from('warning\n'));
  out.write(Buffer.from(' whole\nhalf'));
  out.showNow();
  err.write(Buffer.from('again\n'));
  out.write(Buffer.from(' and half\n'));
  expect(await text()).toBe(`${ERR}warning\n${OUT}half whole\n${OUT}half\n${ERR}again\n${OUT} and half\n`);
});

test('takes a line end for one that is cut between what is held and what comes', async () => {
  const { console, text } = testConsole();
  const stream = console.stream('&1');
  for (const piece of ['half a line\r', '\nnext\r\r', '\n\r', 'progress\r\nlast\n'])
    stream.write(Buffer.from(piece));
  stream.end();
  expect(await text()).toBe(`${OUT}half a line\n${OUT}next\r\n${OUT}\rprogress\n${OUT}last\n`);
});

test('shows a line of any length piece by piece', async () => {
  const { console, text } = testConsole();
  const stream = console.stream('&1');
  for (let i = 0; i < 100; i += 1) stream.write(Buffer.alloc(10_000, 'x'));
  expect((await text()).length).toBeGreaterThan(900_000);
  stream.write(Buffer.from('\n'));
  stream.end();
  expect(await text()).toBe(`${OUT}${'x'.repeat(1_000_000)}\n`);
});

test('masks secrets in lines of its own and in streams, across chunks', async () => {
  const { console, text } = testConsole(['hunter2']);
  console.line('!!', 'login hunter2');
  const stream = console.stream('&1');
  stream.write(Buffer.from('a hunt'));
  stream.showNow();
  stream.write(Buffer.from('er2 b\n'));
  expect(await text()).toBe(`!!|03:04:05.006 login ******\n${OUT}a ****** b\n`);
});
