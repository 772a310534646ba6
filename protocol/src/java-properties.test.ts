import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatChecksumFile, parseChecksumFile } from './checksum-file.ts';
import { formatProperty, parseProperties } from './java-properties.ts';

const parsed = (text: string) => Object.fromEntries(parseProperties(text));

test('comments, blank lines, separators and white space mean what they mean to Java', () => {
  expect(parsed('# c\n! c\n\n a = 1\nb:2\r\nc 3\rd\ne==x\n\tf\\ g : h i ')).toEqual({
    a: '1',
    b: '2',
    c: '3',
    d: '',
    e: '=x',
    'f g': 'h i ',
  });
});

test('a backslash at the end continues the line, two do not', () => {
  expect(parsed('a=1,\\\n   2,\\\n\t3\nb=x\\\\\nc=d\\')).toEqual({ a: '1,2,3', b: 'x\\', c: 'd' });
});

test('escapes are read, and unknown or broken ones stand for their own letters', () => {
  expect(parsed('a\\=b\\:c=\\t\\n\\u00e9\\u20AC\\q\\u12')).toEqual({ 'a=b:c': '\t\n\u00e9\u20acqu12' });
});

test('the last of equal keys wins', () => {
  expect(parsed('a=1\na=2')).toEqual({ a: '2' });
});

test('whatever is written is read back', () => {
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(text, text, (key, value) => {
      const line = formatProperty(key, value);
      expect(line).toMatch(/^[\x20-\x7e]*$/);
      expect([...parseProperties(line)]).toEqual([[key, value]]);
    }),
  );
});

test('any text can be read', () => {
  const nasty = fc.string({
    unit: fc.constantFrom('\\', '\n', '\r', '=', ':', ' ', '\t', '#', 'u', 'a', '0'),
  });
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (text) => void parseProperties(text)),
  );
});

test('a checksum file is written as Java writes it', () => {
  const checksums = new Map([
    ['pkg/my app.jar', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['pkg/a:b=c#d!é.txt', 'd41d8cd98f00b204e9800998ecf8427f'],
  ]);
  const bytes = formatChecksumFile(checksums, Date.UTC(2026, 7, 22, 13, 40, 3));
  expect(bytes.toString('latin1')).toBe(
    [
      '#',
      '#Sat Aug 22 13:40:03 UTC 2026',
      'pkg/my\\ app.jar=d41d8cd98f00b204e9800998ecf8427e',
      'pkg/a\\:b\\=c\\#d\\!\\u00E9.txt=d41d8cd98f00b204e9800998ecf8427f',
      '',
    ].join('\n'),
  );
  expect(parseChecksumFile(bytes)).toEqual(checksums);
});

test('merged checksum files and plain ISO-8859-1 are read', () => {
  const bytes = Buffer.from('#\n#date\na/x=1\n#\n#date\na/x=2\n\xe9=3\n', 'latin1');
  expect([...parseChecksumFile(bytes)]).toEqual([
    ['a/x', '2'],
    ['é', '3'],
  ]);
});
