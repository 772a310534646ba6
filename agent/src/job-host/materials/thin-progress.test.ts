import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { ThinProgress } from './thin-progress.ts';

function recorded() {
  const clock = new FakeClock();
  const written: string[] = [];
  const target = {
    write: (chunk: Buffer) => void written.push(chunk.toString()),
    showNow: () => undefined,
    end: () => void written.push('<end>'),
  };
  return { clock, written, progress: new ThinProgress(target, clock) };
}

test('keeps whole lines, however the chunks are cut, and drops what is overwritten at once', () => {
  const { progress, written } = recorded();
  const text = 'Cloning\nReceiving:  1%\rReceiving: 50%\rReceiving: 100%, done.\nwindows\r\nlast';
  for (const byte of Buffer.from(text)) progress.write(Buffer.of(byte));
  progress.end();
  expect(written.join('')).toBe('Cloning\nReceiving: 100%, done.\nwindows\nlast<end>');
});

test('shows a state of progress every few seconds', async () => {
  const { progress, written, clock } = recorded();
  progress.write(Buffer.from('1%\r2%\r'));
  await clock.advance(5000);
  progress.write(Buffer.from('3%\r4%\r'));
  await clock.advance(4999);
  progress.write(Buffer.from('5%\r'));
  await clock.advance(1);
  progress.write(Buffer.from('6%\r100%\n'));
  // Of each moment the first that came: the carriage return before it belonged to the moment before.
  expect(written.join('')).toBe('2%\n5%\n100%\n');
});

test('a question without a line end is shown', () => {
  const { progress, written } = recorded();
  progress.write(Buffer.from('Password: '));
  progress.showNow();
  expect(written.join('')).toBe('Password: ');
});
