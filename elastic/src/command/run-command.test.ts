import { readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { runCommand } from './run-command.ts';

test.skipIf(process.platform !== 'linux')(
  'a command is not waited for by what it left in the background, also if that cannot be found',
  async () => {
    await using folder = await tempDir();
    const note = join(folder.path, 'pid');
    // In a session of its own, and without the environment by which it would be known.
    const background = `env -i setsid /bin/sh -c 'echo $$ > ${note}; exec sleep 600' &
while [ ! -s ${note} ]; do :; done; echo done`;
    const run = {
      what: 'The command',
      command: '/bin/sh',
      args: ['-c', background],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '' },
      input: '',
      timeoutMs: 60_000,
    };
    expect(await runCommand(run, systemClock, new AbortController().signal)).toBe('done\n');
    // It is still there, with the output open.
    const pid = Number(await readFile(note, 'utf8'));
    const output = readlinkSync(`/proc/${pid}/fd/1`);
    process.kill(pid, 'SIGKILL');
    expect(output).not.toBe('/dev/null');
  },
);
