import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Builder } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { shell, testJob } from '../testing/test-job.ts';

async function consoleOf(...builders: Builder[]): Promise<string> {
  await using job = await testJob({ assignment: { builders } });
  await job.run();
  return job.console();
}

test('names a missing working folder', async () => {
  const console = await consoleOf(shell('true', { workingDir: { path: 'pipelines/up42/none' } }));
  expect(console).toMatch(/&2\|Working directory ".*\/pipelines\/up42\/none" is not a directory!/);
});

test('names a missing command, its folder and the remedy, and fails with 127', async () => {
  const console = await consoleOf(shell('', { command: 'no-such-command' }));
  expect(console).toContain('&2|There is no command no-such-command on the PATH.');
  expect(console).toMatch(
    /&2\|Error happened while attempting to execute 'no-such-command' in .*\/pipelines\/up42\./,
  );
  expect(console).toContain('&2|Please make sure [no-such-command] can be executed on this agent.');
  expect(console).toContain('(exit code: 127)');
});

test('fails with 126 for a file that may not be executed', async () => {
  await using job = await testJob({ assignment: { builders: [shell('', { command: './tool' })] } });
  await mkdir(job.workingDir, { recursive: true });
  await writeFile(join(job.workingDir, 'tool'), 'echo');
  await chmod(join(job.workingDir, 'tool'), 0o644);
  await job.run();
  expect(await job.console()).toMatch(/tool may not be executed\.\n(.*\n)*.*\(exit code: 126\)/);
});

test('names the interpreter that a script’s first line asks for in vain, and fails with 127', async () => {
  await using job = await testJob({ assignment: { builders: [shell('', { command: './tool' })] } });
  await mkdir(job.workingDir, { recursive: true });
  await writeFile(join(job.workingDir, 'tool'), '#!/no/such/thing\n', { mode: 0o755 });
  await job.run();
  expect(await job.console()).toMatch(
    /&2\|\/.*\/tool is to be run by \/no\/such\/thing, which does not exist\.\n(.*\n)*.*\(exit code: 127\)/,
  );
});

test.each([
  ['ant', `-f "build file.xml" clean dist`, '-f,build file.xml,clean,dist'],
  ['nant', `-buildfile:"a b.build" t`, '-buildfile:a b.build,t'],
  ['rake', `-f "Rakefile.ci" spec`, '-f,Rakefile.ci,spec'],
])(
  'runs %s with the arguments of its task, and fails when it says so itself',
  async (command, args, seen) => {
    const tool = `#!/bin/sh\n( IFS=,; echo "$*" )\n[ -z "$FAILS" ] || echo '  Build Failed'\n`;
    const errorString = command === 'rake' ? '' : 'BUILD FAILED';
    const builder = shell('', { type: 'CommandBuilder', command, args, errorString });
    for (const fails of ['', 'yes']) {
      await using bin = await tempDir();
      await writeFile(join(bin.path, command), tool, { mode: 0o755 });
      await using job = await testJob({
        assignment: { builders: [builder] },
        env: { PATH: bin.path, FAILS: fails },
      });
      expect(await job.run()).toBe(fails === 'yes' && errorString !== '' ? 'Failed' : 'Passed');
      expect(await job.console()).toContain(`&1|${seen}\n`);
    }
  },
);

test('shows the end by a signal as 128 + n', async () => {
  expect(await consoleOf(shell('kill -9 $$'))).toContain('(exit code: 137)');
});

test('splits an argument string as GoCD does', async () => {
  const builder = shell('', {
    type: 'CommandBuilder',
    command: '/bin/echo',
    args: `a 'b  c' "d"e`,
  });
  expect(await consoleOf(builder)).toContain('&1|a b  c de\n');
});

test('refuses an argument string with an open quote', async () => {
  const builder = shell('', {
    type: 'CommandBuilder',
    command: '/bin/echo',
    args: `a 'b`,
  });
  expect(await consoleOf(builder)).toContain("&2|unbalanced quotes in a 'b");
});

test('fails a task that prints its error string, whatever its exit code', async () => {
  const console = await consoleOf(shell('echo "  Build failed "', { errorString: 'BUILD FAILED' }));
  expect(console).toMatch(/\?1\|\[go\] Task status: failed \(\d+ ms\)\n/);
});

test('finds the error string in one stream beside an unfinished line of the other', async () => {
  const script = 'printf "compiling ..."; sleep 0.1; echo BUILD FAILED >&2';
  const console = await consoleOf(shell(script, { errorString: 'BUILD FAILED' }));
  expect(console).toMatch(/\?1\|\[go\] Task status: failed \(\d+ ms\)\n/);
});

test('closes standard input', async () => {
  expect(await consoleOf(shell('cat; echo done'))).toContain('&1|done\n');
});

test('is not held up by a background child that keeps the output open, and still shows what it says', async () => {
  const until = (file: string) => `until [ -e ${file} ]; do sleep 0.05; done`;
  const console = await consoleOf(
    shell(`(${until('next')}; echo late; touch said; sleep 300) & echo early`),
    shell(`touch next; ${until('said')}`),
  );
  expect(console).toMatch(/&1\|early\n\?0.*\n!!.*\n&1\|late\n\?0/);
});
