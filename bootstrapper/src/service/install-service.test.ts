import { spawnSync } from 'node:child_process';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { installService, type ServiceChange, uninstallService } from './install-service.ts';

const hasSystemd = spawnSync('systemctl', ['--version']).status === 0;
const missing = hasSystemd ? '' : ' (skipped: there is no systemctl here)';

function change(root: string): ServiceChange {
  const service = {
    name: 'go-agent',
    self: ['/usr/bin/go-agent'],
    home: '/var/lib/go-agent',
    user: 'go-agent',
    runArguments: [],
  };
  return { manager: 'systemd', service, root, start: true };
}

async function filesIn(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted();
}

test.skipIf(!hasSystemd)(
  `a service is installed into the system of a folder, again without a change, and removed${missing}`,
  async () => {
    await using folder = await tempDir();
    const wanted = change(folder.path);
    expect(await installService(wanted)).toMatchObject({ ok: true });
    expect(await filesIn(folder.path)).toEqual([
      '/etc/default/go-agent',
      '/etc/systemd/system/go-agent.service',
      '/etc/systemd/system/multi-user.target.wants/go-agent.service',
      '/etc/sysusers.d/go-agent.conf',
    ]);
    const wants = join(folder.path, 'etc/systemd/system/multi-user.target.wants/go-agent.service');
    expect(await readlink(wants)).toBe('/etc/systemd/system/go-agent.service');

    const settings = join(folder.path, 'etc/default/go-agent');
    await writeFile(settings, 'GO_SERVER_URL=https://ci.example.com/go\n');
    expect(await installService(wanted)).toEqual({ ok: true, done: ['go-agent was installed already'] });
    expect(await readFile(settings, 'utf8')).toBe('GO_SERVER_URL=https://ci.example.com/go\n');

    const other = { ...wanted, service: { ...wanted.service, user: 'builder' } };
    expect(await installService(other)).toMatchObject({ ok: true });
    expect(await readFile(join(folder.path, 'etc/systemd/system/go-agent.service'), 'utf8')).toContain(
      '\nUser=builder\n',
    );

    expect(await uninstallService(wanted)).toMatchObject({ ok: true });
    expect(await filesIn(folder.path)).toEqual(['/etc/default/go-agent']);
    expect(await uninstallService(wanted)).toEqual({ ok: true, done: ['go-agent is not installed'] });
  },
);

test('a launchd service is one file, and the settings', async () => {
  await using folder = await tempDir();
  const wanted: ServiceChange = { ...change(folder.path), manager: 'launchd' };
  expect(await installService(wanted)).toMatchObject({ ok: true });
  expect(await filesIn(folder.path)).toEqual([
    '/Library/LaunchDaemons/go-agent.plist',
    '/etc/default/go-agent',
  ]);
  expect(await uninstallService(wanted)).toMatchObject({ ok: true });
  expect(await filesIn(folder.path)).toEqual(['/etc/default/go-agent']);
});
