import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatPreferWait,
  formatReprDigest,
  parseCount,
  parseMd5,
  parsePreferWait,
  parseReprDigest,
} from './header-values.ts';

test('an MD5 header is hex in any case; base64 is not taken for it', () => {
  expect(parseMd5(' D41D8CD98F00B204E9800998ECF8427E ')).toBe('d41d8cd98f00b204e9800998ecf8427e');
  for (const none of [undefined, '', '1B2M2Y8AsgTpgAmY7PhCfg==', 'd41d8'])
    expect(parseMd5(none)).toBeUndefined();
});

test('a representation digest is written as RFC 9530 says and found among others', () => {
  const hex = createHash('sha256').update('').digest('hex');
  const header = 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:';
  expect(formatReprDigest(hex)).toBe(header);
  expect(parseReprDigest(header)).toBe(hex);
  expect(parseReprDigest(`sha-512=:AAAA:, ${header}, x=:AA==:`)).toBe(hex);
  for (const none of [undefined, '', 'sha-512=:AAAA:', 'sha-256=:AAAA:'])
    expect(parseReprDigest(none)).toBeUndefined();
});

test('the wait preference is found among others, in its own spellings', () => {
  expect(formatPreferWait(30)).toBe('wait=30');
  expect(parsePreferWait('wait=30')).toBe(30);
  expect(parsePreferWait('respond-async, WAIT = "10"; x=y, wait=20')).toBe(10);
  for (const none of [undefined, '', 'wait', 'wait=soon', 'wait=-1', 'handling=lenient']) {
    expect(parsePreferWait(none)).toBeUndefined();
  }
});

test('a count is a whole decimal number', () => {
  expect(parseCount('0')).toBe(0);
  expect(parseCount(' 48213 ')).toBe(48213);
  for (const none of [undefined, '', '-1', '1.5', '1e3', '0x10', '9'.repeat(16)]) {
    expect(parseCount(none)).toBeUndefined();
  }
});

test('no header can make a parser fail', () => {
  const header = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('wait', '=', '"', ',', ';', ':', 'sha-256', '1') }),
  );
  fc.assert(
    fc.property(header, (text) => {
      for (const parse of [parseMd5, parseReprDigest, parsePreferWait, parseCount]) parse(text);
    }),
  );
});
