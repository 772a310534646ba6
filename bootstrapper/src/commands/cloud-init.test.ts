import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { tempDir } from '@go-agent/runtime/testing';
import { Command, CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { addCloudInitCommand } from './cloud-init.ts';

/** A folder with a key, and the commands as they are given in it. */
async function folderWithKey() {
  const folder = await tempDir();
  await writeFile(join(folder.path, 'key.txt'), 'open-sesame\n');
  const goAgent = async (...args: string[]) => {
    let stdout = '';
    let stderr = '';
    let status: number = ExitCode.failed;
    const program = new Command('go-agent')
      .exitOverride()
      .configureOutput({ writeErr: (text) => void (stderr += text) });
    const context = { cwd: folder.path, print: (line: string) => void (stdout += `${line}\n`) };
    addCloudInitCommand(program, context, (code) => void (status = code));
    await program.parseAsync(['cloud-init', ...args], { from: 'user' }).catch((error: unknown) => {
      if (!(error instanceof CommanderError)) throw error;
      status = ExitCode.usage;
    });
    return { status, stdout, stderr };
  };
  const required = ['--server-url', 'https://ci.example.com/go', '--auto-register-key-file', 'key.txt'];
  return { ...folder, goAgent, print: (...args: string[]) => goAgent('print', ...required, ...args) };
}

test('user-data is printed for what was asked, with the key from its file', async () => {
  await using folder = await folderWithKey();
  const { status, stdout } = await folder.print('--resources', 'linux', '--elastic-agent-id', 'vm-7');
  expect(status).toBe(ExitCode.ok);
  expect(stdout).toMatch(/^#cloud-config\n/);
  expect(stdout).toContain('"open-sesame\\n"');
  expect(stdout).toMatch(/agent\.auto\.register\.resources=linux\n/);
  expect(stdout).toMatch(/elasticAgent\.agentId=vm-7\n/);
});

test('what makes no sense is wrong usage, and says what does', async () => {
  await using folder = await folderWithKey();
  const refusals: [string[], RegExp][] = [
    [['--package-url', 'https://example.com/go-agent.deb'], /--package-url and --sha256 go together/],
    [['--package-url', 'ftp://example.com/go-agent.rpm', '--sha256', 'a'.repeat(64)], /\.deb or \.tar\.gz/],
    [['--sha256', 'abc'], /64 hex digits/],
    [['--resources', 'a\nruncmd: [reboot]'], /one line/],
    [['--root-cert-file', 'key.txt'], /certificates in PEM/],
    [['--auto-register-key-file', 'missing.txt'], /missing\.txt must be a file with the key on one line/],
    [['--server-url', 'https://ci.example.com/'], /must end with '\/go'/],
  ];
  for (const [args, message] of refusals) {
    expect(await folder.print(...args)).toMatchObject({
      status: ExitCode.usage,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  }
});

test('clean says which files had the key', async () => {
  await using folder = await folderWithKey();
  const instance = join(folder.path, 'root/var/lib/cloud/instance');
  await mkdir(instance, { recursive: true });
  await writeFile(join(instance, 'user-data.txt'), 'key: open-sesame');
  const { status, stdout } = await folder.goAgent(
    'clean',
    '--key-file',
    'key.txt',
    '--root',
    join(folder.path, 'root'),
  );
  expect({ status, stdout: stdout.trim() }).toEqual({
    status: ExitCode.ok,
    stdout: `Cleaned ${join(instance, 'user-data.txt')}`,
  });
  expect(await readFile(join(instance, 'user-data.txt'), 'utf8')).toBe('key: xxxxxxxxxxx');
  expect((await folder.goAgent('clean', '--key-file', 'missing.txt')).status).toBe(ExitCode.usage);
});
