import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import AdmZip from 'adm-zip';
import { expect, test } from 'vitest';
import { makeArchive } from './archives.ts';
import { makeDebianPackage } from './debian-package.ts';
import { nodeBinary } from './node-binary.ts';
import { hostTarget, NODE_VERSION, type Target, targets } from './targets.ts';

const root = join(import.meta.dirname, '..', '..');

/** Stands for an executable: packing does not look into it. */
function executableIn(folder: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, '#!/bin/sh\necho 1.2.3\n');
  chmodSync(file, 0o755);
  return file;
}

function targetOf(name: Target['name']): Target {
  const target = targets.find((known) => known.name === name);
  if (target === undefined) throw new Error(`There is no target ${name}`);
  return target;
}

test('Node in the packages is the one that the lock file names', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  expect(devDependencies['node']).toBe(NODE_VERSION);
});

test('this machine needs no download, and a package that npm does not have is said so', async () => {
  await using folder = await tempDir();
  const host = hostTarget();
  const own = host === undefined ? [] : [nodeBinary(host, folder.path)];
  expect(own).toEqual(own.map(() => ({ ok: true, file: process.execPath })));
  const other = targets.find(({ name }) => name !== host?.name) ?? targetOf('win-x64');
  // A folder with a package.json of its own and no registry behind it: nothing is asked of the network.
  const env = process.env['npm_config_registry'];
  process.env['npm_config_registry'] = 'http://127.0.0.1:1/';
  process.env['npm_config_fetch_retries'] = '0';
  try {
    expect(nodeBinary(other, join(folder.path, 'cache'))).toMatchObject({
      ok: false,
      reason: expect.stringContaining(`npm has no ${other.npmPackage}@${NODE_VERSION}`),
    });
  } finally {
    if (env === undefined) delete process.env['npm_config_registry'];
    else process.env['npm_config_registry'] = env;
    delete process.env['npm_config_fetch_retries'];
  }
});

test('an archive unpacks to an executable and its page, and the same content makes the same bytes', async () => {
  await using folder = await tempDir();
  const executable = executableIn(folder.path, 'go-agent');
  const target = targetOf('linux-x64');
  const first = makeArchive(target, executable, '1.2.3', join(folder.path, 'a'));
  const second = makeArchive(target, executable, '1.2.3', join(folder.path, 'b'));
  expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
  execFileSync('tar', ['-xzf', first, '-C', folder.path]);
  const unpacked = join(folder.path, 'go-agent-1.2.3-linux-x64');
  expect(execFileSync(join(unpacked, 'go-agent'), { encoding: 'utf8' })).toBe('1.2.3\n');
  expect(existsSync(join(unpacked, 'install.md'))).toBe(true);

  const windows = makeArchive(
    targetOf('win-x64'),
    executableIn(folder.path, 'go-agent.exe'),
    '1.2.3',
    folder.path,
  );
  const names = new AdmZip(windows).getEntries().map(({ entryName }) => entryName);
  expect(names).toEqual(['go-agent-1.2.3-win-x64/go-agent.exe', 'go-agent-1.2.3-win-x64/install.md']);
});

const hasDpkg = spawnSync('dpkg-deb', ['--version']).status === 0;

test.skipIf(!hasDpkg)(
  `a Debian package has what it says, owned by root${hasDpkg ? '' : ' (skipped: there is no dpkg-deb here)'}`,
  async () => {
    await using folder = await tempDir();
    const executable = executableIn(folder.path, 'go-agent');
    const first = makeDebianPackage('arm64', executable, '1.2.3', join(folder.path, 'a'));
    const second = makeDebianPackage('arm64', executable, '1.2.3', join(folder.path, 'b'));
    expect(first).toMatch(/go-agent_1\.2\.3_arm64\.deb$/);
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
    const field = (name: string) =>
      execFileSync('dpkg-deb', ['-f', first, name], { encoding: 'utf8' }).trim();
    expect([field('Package'), field('Version'), field('Architecture')]).toEqual([
      'go-agent',
      '1.2.3',
      'arm64',
    ]);
    const listed = execFileSync('dpkg-deb', ['-c', first], { encoding: 'utf8' }).trim().split('\n');
    expect(listed.every((line) => line.includes(' root/root '))).toBe(true);
    expect(listed.find((line) => line.endsWith('./usr/bin/go-agent'))).toMatch(/^-rwxr-xr-x/);
    const control = join(folder.path, 'control');
    mkdirSync(control);
    execFileSync('dpkg-deb', ['-e', first, control]);
    for (const script of ['postinst', 'prerm', 'postrm']) {
      expect(spawnSync('sh', ['-n', join(control, script)]).status).toBe(0);
    }
    const unpacked = join(folder.path, 'unpacked');
    execFileSync('dpkg-deb', ['-x', first, unpacked]);
    expect(readFileSync(join(unpacked, 'usr/lib/systemd/system/go-agent.service'), 'utf8')).toContain(
      '\nExecStart=/usr/bin/go-agent run --home /var/lib/go-agent ',
    );
  },
);
