import { expect, test } from 'vitest';
import { FrameCheck } from './frame-check.ts';

const frame = (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`;

test.each([1, 7, 1000])('messages in pieces of %d bytes are well', (size) => {
  const check = new FrameCheck();
  const all = frame('{"a":1}') + frame('hello, not json') + frame('');
  for (let at = 0; at < all.length; at += size)
    expect(check.see(Buffer.from(all.slice(at, at + size)))).toBeUndefined();
});

test('what stands between messages is told, once', () => {
  const check = new FrameCheck();
  expect(check.see(Buffer.from(`${frame('{}')}hello, I am a plugin\n`))).toBe('hello, I am a plugin\n');
  expect(check.see(Buffer.from('hello again'))).toBeUndefined();
});
