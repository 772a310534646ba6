import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecodeError } from '../index.ts';
import {
  canonicalJson,
  decodeOnlineKeys,
  decodeRoot,
  decodeSnapshot,
  decodeTargets,
  decodeTimestamp,
  generateSigningKey,
  isTrustFile,
  newestTrustFile,
} from './index.ts';

test('canonical JSON: sorted, no spaces, whole numbers, only quotes and backslashes escaped', () => {
  expect(canonicalJson({ b: [1, true, null], a: { 'x"y': 'a\\b\n' } })).toBe(
    '{"a":{"x\\"y":"a\\\\b\n"},"b":[1,true,null]}',
  );
  expect(() => canonicalJson(1.5)).toThrow(TypeError);
  expect(() => canonicalJson({ a: undefined })).toThrow(TypeError);
});

test('the newest document is the one with the highest number, not the last in the alphabet', () => {
  const names = ['9.root.json', '10.root.json', '2.root.json', '11.targets.json', 'timestamp.json'];
  expect(newestTrustFile(names, 'root')).toBe('10.root.json');
  expect(newestTrustFile(names, 'snapshot')).toBeUndefined();
});

test('only documents of metadata have names that are served', () => {
  for (const name of ['1.root.json', '20.targets.json', '3.snapshot.json', 'timestamp.json'])
    expect(isTrustFile(name), name).toBe(true);
  for (const name of [
    '../1.root.json',
    'root.json',
    '01.root.json',
    '1.timestamp.json',
    'online.json',
    '1.root.json.tmp',
    '',
  ])
    expect(isTrustFile(name), name).toBe(false);
});

test('the private half of a key decides what key it is, whatever the file says', () => {
  const [key, other] = [generateSigningKey(), generateSigningKey()];
  const lie = { ...key, keyid: other.keyid, public: other.public };
  const { snapshot } = decodeOnlineKeys({ snapshot: [lie], timestamp: [] });
  expect(snapshot).toEqual([key]);
});

function outcomeOf(decode: (value: unknown) => unknown, value: unknown): string {
  try {
    decode(value);
    return 'document';
  } catch (error) {
    return error instanceof DecodeError ? 'DecodeError' : String(error);
  }
}

test('whatever is decoded, it is a document or a DecodeError', () => {
  const decoders = [decodeRoot, decodeTargets, decodeSnapshot, decodeTimestamp, decodeOnlineKeys];
  const document = fc.record({ signatures: fc.anything(), signed: fc.anything() });
  fc.assert(
    fc.property(fc.oneof(fc.anything(), document), (value) => {
      for (const decode of decoders) expect(outcomeOf(decode, value)).toMatch(/document|DecodeError/);
    }),
  );
});
