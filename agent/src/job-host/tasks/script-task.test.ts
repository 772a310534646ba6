import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Builder } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { script } from '../testing/plugin-builder.ts';
import { testJob } from '../testing/test-job.ts';
import { chooseInterpreter } from './script-interpreter.ts';

/** With a PATH that has nothing but these programs. */
async function runWith(programs: Readonly<Record<string, string>>, builder: Builder) {
  await using bin = await tempDir();
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin.path, name), text, { mode: 0o755 });
  }
  await using job = await testJob({ assignment: { builders: [builder] }, env: { PATH: bin.path } });
  const result = await job.run();
  return { result, console: await job.console() };
}

async function run(...builders: Builder[]) {
  await using job = await testJob({ assignment: { builders } });
  const result = await job.run();
  const left = await readdir(join(job.folder, 'scripts')).catch(() => []);
  return { result, console: await job.console(), left };
}

test('runs a script of several lines by bash unless told otherwise, in the working folder, and removes its file', async () => {
  const text =
    'set -o pipefail\r\nwords=(one two)\r\nif true; then\n  echo "${words[1]}"\nfi\npwd; stat -c %a "$0"; echo "$0"';
  const { result, console, left } = await run(script(text));
  expect(result).toBe('Passed');
  expect(console).toMatch(
    /&1\|two\n&1\|\/.*\/pipelines\/up42\n&1\|700\n&1\|\/.*\/jobs\/1234\/scripts\/script-[-\w]+\.sh\n\?0/,
  );
  expect(console).toContain('!!|[go] Task: Plugin with ID: script-executor\n');
  expect(left).toEqual([]);
});

test('keeps the exit status of a script, also of one that a signal ended, and removes its file', async () => {
  const any = { conditions: [{ status: 'any' as const }] };
  const { result, console, left } = await run(script('exit 7', 'sh'), script('kill -9 $$', 'sh', any));
  expect(result).toBe('Failed');
  expect(console).toContain('(exit code: 7)');
  expect(console).toContain('(exit code: 137)');
  expect(left).toEqual([]);
});

test.each([
  ['sh', 'echo "$((1 + 1)) of $GO_SERVER_URL"', '2 of http://127.0.0.1:8153/go'],
  ['perl -w', 'use strict;\nprint "by perl\\n";', 'by perl'],
  ['sed -n -e 1p -f /dev/null', 'first\nsecond\n', 'first'],
  ['', '#!/usr/bin/perl\nprint "its own choice\\n";', 'its own choice'],
  ['bash', '#!/usr/bin/env perl\nprint "the first line wins\\n";', 'the first line wins'],
])('runs a script by %j', async (shtype, text, expected) => {
  const { result, console } = await run(script(text, shtype));
  expect(console).toContain(`&1|${expected}\n`);
  expect(result).toBe('Passed');
});

test('takes python3 where there is no python, but does not pass over a python that is broken', async () => {
  const python3 = '#!/bin/sh\necho "python3 runs a file.${1##*.}"';
  const { console } = await runWith({ python3 }, script('print(1)', 'python'));
  expect(console).toContain('&1|python3 runs a file.py\n');
  const broken = await runWith({ python: '#!/no/such/thing\n', python3 }, script('print(1)', 'python'));
  expect(broken.console).toContain('is to be run by /no/such/thing, which does not exist');
});

test('runs PowerShell, by whichever name it has, so that it asks nothing and keeps the exit status', async () => {
  const pwsh = '#!/bin/sh\necho "$1 $2 $3 $4 $5 $6 file.${7##*.}"; exit 5';
  const { console } = await runWith({ pwsh }, script('exit 5', 'powershell'));
  expect(console).toContain('&1|-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File file.ps1\n');
  expect(console).toContain('(exit code: 5)');
});

test('says what to do when there is no PowerShell', async () => {
  const { result, console } = await runWith({}, script('Get-Date', 'powershell'));
  expect(result).toBe('Failed');
  expect(console).toContain('&2|There is no command powershell on the PATH.');
  expect(console).toContain('&2|Install PowerShell on the agent');
  expect(console).toContain('(exit code: 127)');
});

test('names a missing interpreter, and refuses an empty script and an open quote', async () => {
  expect((await run(script('x', 'no-such-shell -e'))).console).toContain(
    '&2|There is no command no-such-shell on the PATH.',
  );
  expect((await run(script('#!/no/such/thing\nx'))).console).toContain(
    'is to be run by /no/such/thing, which does not exist',
  );
  expect((await run(script(' \n'))).console).toContain('&2|[go] The script of this task is empty.');
  expect((await run(script('x', 'perl "'))).console).toContain('&2|[go] unbalanced quotes in perl ".');
});

test('on Windows the first line of a script decides nothing', () => {
  expect(chooseInterpreter('cmd', '#!/bin/sh\n', 'win32')).toMatchObject({
    interpreter: { commands: ['cmd'], extension: '.cmd' },
  });
});
