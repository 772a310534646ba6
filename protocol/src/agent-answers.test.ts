import { expect, test } from 'vitest';
import {
  decodeCookieBody,
  decodeInstructionBody,
  decodeIsIgnoredBody,
  encodeCookieBody,
  encodeInstructionBody,
  encodeIsIgnoredBody,
} from './agent-answers.ts';
import { DecodeError } from './decode/decode-error.ts';

test('an instruction is read with and without quotes, and written with them', () => {
  expect(decodeInstructionBody('"CANCEL"')).toBe('CANCEL');
  expect(decodeInstructionBody(' KILL_RUNNING_TASKS\n')).toBe('KILL_RUNNING_TASKS');
  expect(encodeInstructionBody('NONE')).toBe('"NONE"');
});

test('an instruction that we do not know is none; a body that is no word is no answer', () => {
  expect(decodeInstructionBody('"DANCE"')).toBe('NONE');
  expect(decodeInstructionBody('null')).toBe('NONE');
  for (const body of ['', '""', '<html></html>', '{"error":"x"}', 'CANCEL it', undefined]) {
    expect(() => decodeInstructionBody(body)).toThrow(DecodeError);
  }
});

test('a cookie is raw text, with one pair of quotes taken off', () => {
  const cookie = 'a1a9c0ce-9a0f-4f4b-b2a7-2f6d7c1f0e11';
  expect(decodeCookieBody(cookie)).toBe(cookie);
  expect(decodeCookieBody(`"${cookie}"\n`)).toBe(cookie);
  expect(encodeCookieBody(cookie)).toBe(cookie);
  for (const body of ['', '  ', '""', '<html>', 'a\nb', 'x'.repeat(1001), 7]) {
    expect(() => decodeCookieBody(body)).toThrow(DecodeError);
  }
});

test('is_ignored is true or false, and anything else is no answer', () => {
  expect(decodeIsIgnoredBody('true')).toBe(true);
  expect(decodeIsIgnoredBody('False')).toBe(false);
  expect(encodeIsIgnoredBody(true)).toBe('true');
  for (const body of ['', 'yes', '{}', true]) expect(() => decodeIsIgnoredBody(body)).toThrow(DecodeError);
});
