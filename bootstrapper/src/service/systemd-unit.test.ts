import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { ServiceDefinition } from './service-definition.ts';
import { renderUnit } from './systemd-unit.ts';

const service: ServiceDefinition = {
  name: 'go-agent',
  // A program that is there: systemd-analyze looks.
  self: ['/bin/sh'],
  home: '/var/lib/go-agent',
  user: 'go-agent',
  runArguments: [],
};

const analyze = async (unit: string, ...args: string[]) => {
  await using folder = await tempDir();
  const file = join(folder.path, 'go-agent.service');
  await writeFile(file, unit);
  return spawnSync('systemd-analyze', ['--no-pager', ...args, file], { encoding: 'utf8' });
};

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
// Version 252 and later check a unit that is not loaded.
const missing = hasSystemd ? '' : ' (skipped: there is no systemd-analyze here)';

test.skipIf(!hasSystemd)(`systemd finds nothing wrong with the unit${missing}`, async () => {
  for (const unit of [
    renderUnit(service),
    renderUnit({ ...service, home: '/srv/build agents/50%', runArguments: ['--resources', 'a b,$x,"q"'] }),
  ]) {
    expect(await analyze(unit, 'verify', '--man=no')).toMatchObject({ status: 0, stderr: '', stdout: '' });
  }
  expect((await analyze(renderUnit(service).replace('Type=exec', 'Type=odd'), 'verify')).stderr).toMatch(
    /odd/,
  );
});

test.skipIf(!hasSystemd)(`the unit's exposure is at most 4.0${missing}`, async () => {
  const exposure = async (definition: ServiceDefinition) => {
    const { stdout } = await analyze(renderUnit(definition), 'security', '--offline=true');
    return Number(/exposure level[^:]*: ([\d.]+)/.exec(stdout)?.[1]);
  };
  expect(await exposure(service)).toBeLessThanOrEqual(4);
  expect(await exposure({ ...service, home: '/srv/agent' })).toBeLessThanOrEqual(4);
  // Root, to run jobs as another user, is left the few rights that this takes.
  expect(await exposure({ ...service, user: 'root' })).toBeLessThanOrEqual(5);
});

test('a reload before the program listens, which ends it, is followed by a start', () => {
  expect(renderUnit(service)).toMatch(/^RestartForceExitStatus=SIGHUP$/m);
});

test('the command line is the definition, whatever characters it has', () => {
  const unit = renderUnit({
    ...service,
    self: ['/usr/bin/node', '/opt/go agent/main.mjs'],
    serverUrl: 'https://ci.example.com/go',
    runArguments: ['--set', 'a=50%$HOME"\\'],
  });
  expect(/^ExecStart=(.*)$/m.exec(unit)?.[1]).toBe(
    '/usr/bin/node "/opt/go agent/main.mjs" run --home /var/lib/go-agent --env-file /etc/default/go-agent' +
      ' --server-url https://ci.example.com/go --set "a=50%%$$HOME\\"\\\\"',
  );
});

test('what the unit hides does not hide the agent from itself', () => {
  const protectHome = (change: Partial<ServiceDefinition>) =>
    /^ProtectHome=(.*)$/m.exec(renderUnit({ ...service, ...change }))?.[1];
  expect(protectHome({})).toBe('yes');
  expect(protectHome({ self: ['/home/ann/go-agent'] })).toBe('read-only');
  expect(protectHome({ home: '/home/ann/agent' })).toBe('no');
  expect(renderUnit({ ...service, home: '/srv/agent' })).toMatch(/^ReadWritePaths=\/srv\/agent$/m);
  expect(renderUnit(service)).toMatch(/^StateDirectory=go-agent$/m);
});
