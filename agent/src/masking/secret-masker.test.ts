import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompiledSecrets } from './compiled-secrets.ts';
import { naiveForms } from './naive-forms.ts';
import { createMasker, maskText } from './secret-masker.ts';

function mask(secrets: readonly string[], ...chunks: string[]): string {
  const masker = createMasker(secrets);
  const out = chunks.map((chunk) => masker.write(Buffer.from(chunk)));
  return Buffer.concat([...out, masker.flush()]).toString();
}

const SECRET = `it's "50%" of \\a/b\n<é&😀>`;
const FORMS: readonly [form: string, text: string][] = [
  ['plain', SECRET],
  ['plain with CRLF', SECRET.replace('\n', '\r\n')],
  ['encodeURIComponent', encodeURIComponent(SECRET)],
  ['encodeURI', encodeURI(SECRET)],
  ['lower-case URL escapes', encodeURIComponent(SECRET).replace(/%../g, (escape) => escape.toLowerCase())],
  ['form encoding', new URLSearchParams([['', SECRET]]).toString().slice(1)],
  [
    'the password of a URL',
    Object.assign(new URL('http://h'), { password: SECRET.replace('\n', '') }).password,
  ],
  ['JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['JSON with escaped slashes', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
  ['JSON of Gson', 'it\\u0027s \\"50%\\" of \\\\a/b\\n\\u003cé\\u0026😀\\u003e'],
  ['JSON in ASCII', 'it\'s \\"50%\\" of \\\\a/b\\n<\\u00e9&\\ud83d\\ude00>'],
  ['JSON of .NET', 'it\\u0027s \\u002250%\\u0022 of \\\\a/b\\n\\u003C\\u00E9\\u0026\\uD83D\\uDE00\\u003E'],
  ['single quotes', `it'\\''s "50%" of \\a/b\n<é&😀>`],
  ['single quotes around double ones', `it'"'"'s "50%" of \\a/b\n<é&😀>`],
  ['doubled quotes', `it''s "50%" of \\a/b\n<é&😀>`],
  ['double quotes', `it's \\"50%\\" of \\\\a/b\n<é&😀>`],
  ['ANSI-C quotes', `it\\'s "50%" of \\\\a/b\\n<é&😀>`],
  ['ANSI-C quotes with octal bytes', `it\\'s "50%" of \\\\a/b\\n<\\303\\251&\\360\\237\\230\\200>`],
  ['ANSI-C quotes with hexadecimal bytes', `it\\'s "50%" of \\\\a/b\\n<\\xc3\\xA9&\\xf0\\x9f\\x98\\x80>`],
  ['ls', `it'\\''s "50%" of \\a/b'$'\\n''<é&😀>`],
  ['printf %q, word by word', `it\\'s\\ \\"50%\\"\\ of\\ \\\\a/b\n\\<é\\&😀\\>`],
  ['XML', 'it&apos;s &quot;50%&quot; of \\a/b\n&lt;é&amp;😀&gt;'],
  ['XML with line breaks escaped', 'it&apos;s &quot;50%&quot; of \\a/b&#xA;&lt;é&amp;😀&gt;'],
  ['HTML', 'it&#39;s &#34;50%&#34; of \\a/b\n&lt;é&amp;😀&gt;'],
  ['HTML of Python', 'it&#x27;s &quot;50%&quot; of \\a/b\n&lt;é&amp;😀&gt;'],
  ['numeric entities', 'it&#039;s &#34;50%&#34; of \\a/b&#10;&lt;&#233;&amp;&#128512;&gt;'],
  ['base64', Buffer.from(SECRET).toString('base64')],
  ['base64 without padding', Buffer.from(SECRET).toString('base64url')],
];

for (const [form, text] of FORMS) {
  test(`masks as one, and nothing but it: ${form}`, () => {
    const secret = form.startsWith('the password') ? SECRET.replace('\n', '') : SECRET;
    expect(mask([secret], `one ${text} two`)).toBe('one ****** two');
    expect(mask([secret], ...`one ${text} two`.match(/[^]/gu)!)).toBe('one ****** two');
  });
}

for (const [before, after, expected] of [
  ['', 'xyz', '******eHl6'],
  ['1', 'xyz', 'MW******Xh5eg=='],
  ['12', 'xyz', 'MTJ******F4eXo='],
  ['123', '', 'MTIz******'],
  ['1', '', 'MW******'],
  ['12', '', 'MTJ******'],
]) {
  test(`masks in base64 what the secret alone determines: after "${before}" and before "${after}"`, () => {
    const secret = 'hunter2/q';
    const text = Buffer.from(`${before}${secret}${after}`).toString('base64');
    expect(mask([secret], `<${text}>`)).toBe(`<${expected}>`);
  });
}

test('masks base64 over the line breaks of the tools that wrap it', () => {
  const text = Buffer.from(`user:${'hunter2/qwertz'.repeat(9)}`)
    .toString('base64')
    .replace(/.{76}/g, '$&\n');
  expect(mask(['hunter2/qwertz'.repeat(9)], `${text}\nend`)).toMatch(/^dXNlcj\S?\*{6}\S{0,4}\nend$/);
});

test('masks each line of a secret by itself, but not its rests of less than four bytes', () => {
  const secret = '-----BEGIN KEY-----\n  abcdef\nxy\n-----\n';
  expect(mask([secret], '&1|12:00 -----BEGIN KEY-----\n&1|12:00   abcdef\nxy\n-----\n')).toBe(
    '&1|12:00 ******\n&1|12:00   ******\nxy\n-----\n',
  );
});

test('masks a secret that ends in a line break where it stands without', () => {
  expect(mask(['ab\n'], 'x ab y')).toBe('x ****** y');
});

test('prefers the longest secret, and gives those that overlap one mask and those that touch one each', () => {
  expect(mask(['abcd', 'abcdefg'], 'abcdefg abcdef')).toBe('****** ******ef');
  expect(mask(['abcdef', 'defghi'], '<abcdefghi>')).toBe('<******>');
  expect(mask(['abab'], 'ababab abababab')).toBe('****** ******');
  expect(mask(['abcd', 'efgh'], 'abcdefgh')).toBe('************');
});

test('goes by the length of a secret: blank ones are none, short ones are masked only as they are', () => {
  expect(mask(['', ' ', '\n'], ' a\n')).toBe(' a\n');
  expect(mask(['7'], '1789 %37')).toBe('1******89 %3******');
  expect(mask(['a&b'], 'a&b a%26b a&amp;b')).toBe('****** a%26b a&amp;b');
  expect(mask(['a&bc'], 'a&bc a%26bc a&amp;bc')).toBe('****** ****** ******');
});

test('holds back only what may be the beginning of a secret, and shorter than the secret', () => {
  const masker = createMasker(['secret']);
  expect(masker.write(Buffer.from('some sec')).toString()).toBe('some ');
  expect(masker.pendingBytes).toBe(3);
  expect(masker.write(Buffer.from('re')).toString()).toBe('');
  expect(masker.pendingBytes).toBe(5);
  expect(masker.write(Buffer.from('ss')).toString()).toBe('secress'.slice(0, 6));
  expect(masker.pendingBytes).toBe(1);
  expect(masker.flush().toString()).toBe('s');
  expect(masker.pendingBytes).toBe(0);
});

test('does not hold back without end where a secret overlaps itself', () => {
  const masker = createMasker(['aaaa']);
  let out = '';
  for (let count = 0; count < 1000; count++) {
    out += masker.write(Buffer.from('a')).toString();
    expect(masker.pendingBytes).toBeLessThan(4);
  }
  expect(out + masker.flush().toString()).toBe('******');
});

test('begins anew after the end of a stream', () => {
  const masker = createMasker(['secret']);
  expect(masker.write(Buffer.from('sec')).toString() + masker.flush().toString()).toBe('sec');
  expect(masker.write(Buffer.from('ret')).toString() + masker.flush().toString()).toBe('ret');
});

test('does not copy a chunk in which there is nothing', () => {
  const chunk = Buffer.from('nothing to be seen here.\n'.repeat(1000));
  const out = createMasker(['hunter2', 'Tr0ub4dor&3']).write(chunk);
  expect(out.buffer).toBe(chunk.buffer);
  expect(out.length).toBe(chunk.length);
});

test('keeps its own copy of what it holds back', () => {
  const masker = createMasker(['secret']);
  const chunk = Buffer.from('a sec');
  masker.write(chunk);
  chunk.fill('x');
  expect(masker.write(Buffer.from('ret')).toString()).toBe('******');
});

test('serves two streams from secrets that were compiled once', () => {
  const long = Array.from({ length: 2000 }, (_, index) => index.toString(36)).join('-');
  const secrets = new CompiledSecrets(['secret', long]);
  const [one, two] = [createMasker(secrets), createMasker(secrets, { mask: '###' })];
  let out = one.write(Buffer.from('a sec')).toString();
  // More states than the automaton keeps: it forgets those that the first stream is in.
  expect(two.write(Buffer.from(long.slice(0, -1))).toString()).toBe('');
  expect(secrets.automaton.generation).toBeGreaterThan(1);
  out += one.write(Buffer.from('ret')).toString();
  expect(out).toBe('a ******');
  expect(two.write(Buffer.from(long.slice(-1))).toString()).toBe('###');
});

test('gives one mask for a run of a secret that repeats itself', () => {
  const masker = createMasker(['a'.repeat(300)]);
  const out = Array.from({ length: 300 }, () => masker.write(Buffer.from('a'.repeat(10))).toString());
  expect(out.join('') + masker.flush().toString()).toBe('******');
});

test('masks a text that stands by itself', () => {
  expect(maskText(new CompiledSecrets(['secret']), 'cannot run "ls secret": sec')).toBe(
    'cannot run "ls ******": sec',
  );
});

const anySecret = fc.oneof(
  fc.string({ unit: 'binary', minLength: 4, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '\n', '"', '\\', '%'), minLength: 1, maxLength: 30 }),
);

test('gives the same for every way of cutting the text', () => {
  fc.assert(
    fc.property(
      fc.array(anySecret, { minLength: 1, maxLength: 4 }),
      fc.array(fc.oneof(fc.nat(200), fc.string({ unit: 'binary' })), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (secrets, recipe, sizes) => {
        const forms = naiveForms(secrets).all;
        const pieces = recipe.map((item) =>
          typeof item === 'string'
            ? Buffer.from(item)
            : Buffer.from(forms[item % forms.length] ?? '', 'latin1'),
        );
        const text = Buffer.concat(pieces);
        const [whole, cut] = [createMasker(secrets), createMasker(secrets)];
        const out: Buffer[] = [];
        for (let at = 0, index = 0; at < text.length; index++) {
          const size = sizes[index % sizes.length] ?? 1;
          out.push(cut.write(text.subarray(at, at + size)));
          at += size;
        }
        out.push(cut.flush());
        expect(Buffer.concat(out)).toEqual(Buffer.concat([whole.write(text), whole.flush()]));
      },
    ),
  );
});

test('replaces every form of any secret, and leaves the bytes around it', () => {
  fc.assert(
    fc.property(
      anySecret.filter((secret) => secret.trim() !== '' && !/[~^|*]/.test(secret)),
      fc.string({ unit: fc.constantFrom('~', '^', '|'), minLength: 1 }),
      (secret, around) => {
        for (const form of naiveForms([secret]).all) {
          const text = Buffer.concat([Buffer.from(around), Buffer.from(form, 'latin1'), Buffer.from(around)]);
          const masker = createMasker([secret]);
          const out = Buffer.concat([masker.write(text), masker.flush()]).toString('latin1');
          expect(out.startsWith(around) && out.endsWith(around)).toBe(true);
          expect(out.slice(around.length, -around.length).replaceAll('******', '')).not.toContain(form);
          expect(out).toContain('******');
        }
      },
    ),
    { numRuns: 30 },
  );
});
