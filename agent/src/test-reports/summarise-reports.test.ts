import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { createMasker } from '../masking/secret-masker.ts';
import { LONGEST_MESSAGE, MOST_FAILURES } from './report-summary.ts';
import { NO_REPORT_FILES, summariseReports } from './summarise-reports.ts';

function fixture(name: string) {
  return { path: join(import.meta.dirname, 'fixtures', name), name };
}

async function summariseText(text: string | Buffer, name = 'TEST-a.xml') {
  await using folder = await tempDir();
  const path = join(folder.path, name);
  await writeFile(path, text);
  return await summariseReports([{ path, name }]);
}

for (const [name, counts] of [
  ['surefire.xml', { tests: 6, passed: 3, failed: 1, errors: 1, skipped: 1, seconds: 1203.5 }],
  ['pytest.xml', { tests: 5, passed: 1, failed: 1, errors: 2, skipped: 1, seconds: 0.103 }],
  ['jest-junit.xml', { tests: 3, passed: 1, failed: 1, errors: 0, skipped: 1, seconds: 0.008 }],
  ['gotestsum.xml', { tests: 3, passed: 1, failed: 1, errors: 0, skipped: 1, seconds: 0.012 }],
  ['nunit2.xml', { tests: 4, passed: 1, failed: 1, errors: 1, skipped: 1, seconds: 0.2 }],
  ['nunit3.xml', { tests: 4, passed: 1, failed: 1, errors: 1, skipped: 1, seconds: 0.362 }],
] as const) {
  test(`counts the tests of ${name} one by one`, async () => {
    const { summary, notes } = await summariseReports([fixture(name)]);
    expect(summary).toMatchObject({ files: 1, ...counts, failuresLeftOut: 0, unreadable: [] });
    expect(notes).toEqual([]);
  });
}

test('says which tests failed and why, without repeating the message', async () => {
  const { summary } = await summariseReports([
    fixture('surefire.xml'),
    fixture('pytest.xml'),
    fixture('gotestsum.xml'),
    fixture('nunit2.xml'),
  ]);
  expect(summary.failures.map(({ kind, suite, name }) => [kind, suite, name])).toEqual([
    ['failure', 'com.example.shop.CartTest', 'refusesNegativeAmounts'],
    ['error', 'com.example.shop.CartTest', 'connects'],
    ['failure', 'tests.test_api', 'test_fails'],
    ['error', '', 'tests.test_broken'],
    ['error', 'tests.test_api', 'test_tear_down'],
    ['failure', 'example.com/shop/cart', 'TestAdd/negative'],
    ['failure', 'CartTests', 'Shop.Tests.CartTests.RefusesNegative'],
    ['error', 'CartTests', 'Shop.Tests.CartTests.Connects'],
  ]);
  expect(summary.failures.map(({ message }) => message)).toEqual([
    'expected: <1> but was: <-1>\norg.opentest4j.AssertionFailedError: expected: <1> but was: <-1>\n\tat com.example.shop.CartTest.refusesNegativeAmounts(CartTest.java:31)',
    'timeout\njava.net.SocketTimeoutException: timeout',
    'assert 1 == 2\ndef test_fails():\n>       assert 1 == 2\nE       assert 1 == 2\n\ntests/test_api.py:8: AssertionError',
    "collection failure\nModuleNotFoundError: No module named 'nowhere'",
    'assert False\nfailed on teardown with "RuntimeError: x"\nRuntimeError: x',
    'Failed\n=== RUN   TestAdd/negative\n    cart_test.go:14: got -1, want 1\n--- FAIL: TestAdd/negative (0.00s)',
    expect.stringMatching(/^Expected: 1\n {2}But was: {2}-1\n\s*at Shop\.Tests\.CartTests\.RefusesNegative/),
    'System.TimeoutException',
  ]);
});

test('adds up several files and survives JSON', async () => {
  const { summary } = await summariseReports([fixture('surefire.xml'), fixture('nunit3.xml')]);
  expect(summary).toMatchObject({ files: 2, tests: 10, passed: 4, failed: 2, errors: 2, skipped: 2 });
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
});

test('has a page with the totals and what failed, in which nothing of the report is markup', async () => {
  const { html } = await summariseText(
    `<testsuite><testcase name="&lt;script&gt;alert(1)&lt;/script&gt;"><failure message="&quot;&gt;&lt;img onerror=x&gt;"/></testcase></testsuite>`,
  );
  expect(html).toContain('<b class="tests_total_count">1</b>');
  expect(html).toContain('<b class="tests_failed_count">1</b>');
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toMatch(/<script|<img|https?:|<link/);
});

test('ignores what is no test report in the words of GoCD', async () => {
  const expected = 'Ignoring file a.xml - it is not a recognised test file.';
  for (const text of [
    '',
    'not XML',
    '<coverage><class name="x"/></coverage>',
    '<a><b></a>',
    Buffer.from([0xff, 0xfe, 0, 1]),
  ]) {
    const { summary, notes } = await summariseText(text, 'a.xml');
    expect(notes).toEqual([expected]);
    expect(summary).toMatchObject({ files: 0, tests: 0, unreadable: [] });
  }
});

test('says so when there are no files', async () => {
  expect((await summariseReports([])).notes).toEqual([NO_REPORT_FILES]);
});

for (const [what, text, reason] of [
  ['that is cut off', '<testsuite name="a">\n<testcase name="b">', 'ends without </testcase> (line 2)'],
  ['that is cut off in a tag', '<testsuite><testcase na', 'ends in the middle of a tag (line 1)'],
  ['that is cut off in CDATA', '<testsuite><![CDATA[x', 'ends without ]]> (line 1)'],
  [
    'badly nested',
    '<testsuite>\n\n<testcase></testsuite>',
    'has </testsuite> where </testcase> was due (line 3)',
  ],
  ['with two roots', '<testsuite/><testsuite/>', 'has a second root <testsuite> (line 1)'],
  ['with an unknown entity', '<testsuite>&bomb;</testsuite>', 'has the unknown entity &bomb; (line 1)'],
  ['with a bare ampersand', '<testsuite>a & b</testsuite>', 'has the unknown entity & (line 1)'],
  [
    'with a broken attribute',
    '<testsuite name=a></testsuite>',
    'has attributes of <testsuite> that cannot be read (line 1)',
  ],
  ['with text after its end', '<testsuite></testsuite> x', 'has text outside of its elements (line 1)'],
  ['that is too deep', '<testsuite>'.repeat(1001), 'has more than 1000 elements inside each other (line 1)'],
]) {
  test(`leaves out a report ${what}, and says why`, async () => {
    const { summary, notes, html } = await summariseText(text!);
    expect(notes).toEqual([
      'The file TEST-a.xml could not be parsed. It seems to be invalid.',
      `TEST-a.xml: ${reason}`,
    ]);
    expect(summary).toMatchObject({ files: 0, tests: 0, unreadable: [{ file: 'TEST-a.xml', reason }] });
    expect(html).toContain('Reports that could not be read');
  });
}

test('refuses document types, so that no entity can grow', async () => {
  const bomb = '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>';
  expect((await summariseText(bomb)).notes).toEqual([
    'Ignoring file TEST-a.xml - it is not a recognised test file.',
  ]);
});

test('names a file that cannot be read instead of failing', async () => {
  const { notes } = await summariseReports([
    { path: '/nowhere/at/all.xml', name: 'all.xml' },
    fixture('surefire.xml'),
  ]);
  expect(notes[0]).toBe('The file all.xml could not be parsed. It seems to be invalid.');
  expect(notes[1]).toContain('ENOENT');
});

test('reads byte order marks, UTF-16 and other encodings', async () => {
  const report = (encoding: string) =>
    `<?xml version="1.0" encoding="${encoding}"?><testsuite><testcase name="größe"><failure/></testcase></testsuite>`;
  for (const bytes of [
    Buffer.from(`\uFEFF${report('utf-8')}`),
    Buffer.from(`\uFEFF${report('utf-16')}`, 'utf16le'),
    Buffer.from(`\uFEFF${report('utf-16')}`, 'utf16le').swap16(),
    Buffer.from(report('ISO-8859-1'), 'latin1'),
    Buffer.from(report('no-such-encoding')),
  ]) {
    expect((await summariseText(bytes)).summary.failures[0]?.name).toBe('größe');
  }
});

test('takes character references that XML does not allow, as tools write them', async () => {
  const { summary, html } = await summariseText(
    '<testsuite><testcase name="a&#x1b;[31m&#0;&#x110000;"><failure>&#65;&#x42;</failure></testcase></testsuite>',
  );
  expect(summary.failures[0]).toMatchObject({ name: 'a\u001b[31m\0\uFFFD', message: 'AB' });
  expect(html).not.toContain('\u001b');
});

test('masks secrets in names and messages, also where they are split or cut off', async () => {
  const secret = 'hunter2hunter2';
  const long = `${'x'.repeat(LONGEST_MESSAGE * 2 - 5)}${secret}${'y'.repeat(50)}`;
  await using folder = await tempDir();
  const path = join(folder.path, 'a.xml');
  await writeFile(
    path,
    `<testsuite name="s ${secret}"><testcase name="${secret}"><failure message="a ${secret}"><![CDATA[hunter2]]><![CDATA[hunter2]]></failure></testcase>` +
      `<testcase name="b"><failure>${long}</failure></testcase><testcase name="c"><failure>${secret.repeat(2000)}${secret.slice(0, 9)}</failure></testcase></testsuite>`,
  );
  const { summary, html } = await summariseReports([{ path, name: 'a.xml' }], createMasker([secret]));
  expect(summary.failures[0]).toMatchObject({
    suite: 's ******',
    name: '******',
    message: 'a ******\n******',
  });
  expect(JSON.stringify(summary) + html).not.toContain('hunter');
});

test('keeps a bounded number of failures with bounded messages', async () => {
  const failing = `<testcase name="${'n'.repeat(2000)}"><failure>${'m'.repeat(50_000)}</failure></testcase>`;
  const { summary } = await summariseText(`<testsuite>${failing.repeat(MOST_FAILURES + 7)}</testsuite>`);
  expect(summary).toMatchObject({ failed: MOST_FAILURES + 7, failuresLeftOut: 7 });
  expect(summary.failures).toHaveLength(MOST_FAILURES);
  expect(summary.failures[0]?.message).toHaveLength(LONGEST_MESSAGE);
  expect(summary.failures[0]?.name).toHaveLength(500);
});

test('reads a report of 50 MB in memory that does not grow with it', { timeout: 120_000 }, async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'huge.xml');
  const out = createWriteStream(path);
  const noise = `<system-out><![CDATA[${'lorem ipsum dolor sit amet\n'.repeat(2000)}]]></system-out>`;
  out.write('<testsuites><testsuite name="huge">');
  for (let count = 0; count < 1000; count++) {
    const failure = count % 10 === 0 ? '<failure message="no">at x</failure>' : '';
    if (!out.write(`<testcase name="t${count}" time="0.001">${failure}${noise}</testcase>`))
      await once(out, 'drain');
  }
  out.end('</testsuite></testsuites>');
  await once(out, 'close');
  const before = process.memoryUsage();
  const { summary } = await summariseReports([{ path, name: 'huge.xml' }]);
  const after = process.memoryUsage();
  expect(out.bytesWritten).toBeGreaterThan(50_000_000);
  expect(summary).toMatchObject({ tests: 1000, failed: 100, passed: 900, seconds: 1 });
  // Garbage that is not collected yet is in it.
  expect(after.rss - before.rss).toBeLessThan(40_000_000);
});
