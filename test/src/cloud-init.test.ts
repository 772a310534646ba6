import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { processTexts } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { builtPackage, noPackages } from './harness/built-packages.ts';
import { type MachineScenario, startMachineScenario } from './harness/machine-scenario.ts';
import { whyNoMachine } from './harness/systemd-machine.ts';

const reason = whyNoMachine('cloud-init');
const skipped = noPackages || (reason === undefined ? '' : ` (skipped: ${reason})`);

/** The packages may have to be made first, on a busy machine. */
const PATIENCE = { timeout: 600_000 };

/** Does what cloud-init does at the first boot, with those of its modules that are about such user-data. Resolves to what they print. */
async function firstBoot({ machine }: MachineScenario, userData: string): Promise<string> {
  const put = (path: string, text: string) => {
    mkdirSync(join(machine.root, path, '..'), { recursive: true });
    writeFileSync(join(machine.root, path), text, { mode: 0o600 });
  };
  put('var/lib/cloud/seed/nocloud/user-data', userData);
  put('var/lib/cloud/seed/nocloud/meta-data', 'instance-id: i-test\n');
  put(
    'etc/cloud/cloud.cfg.d/99-test.cfg',
    JSON.stringify({
      datasource_list: ['NoCloud'],
      network: { config: 'disabled' },
      cloud_init_modules: ['write-files'],
      cloud_config_modules: ['runcmd'],
      cloud_final_modules: ['scripts-user'],
    }),
  );
  await machine.must('cloud-init', 'init', '--local');
  await machine.must('cloud-init', 'init');
  await machine.must('cloud-init', 'modules', '--mode=config');
  const { output } = await machine.run('cloud-init', 'modules', '--mode=final');
  const { output: log } = await machine.run('cat', '/var/log/cloud-init-output.log');
  return `${output}${log}`;
}

/** Looks for a text in all command lines and environments of the machine's processes until it is disposed. */
function watchProcesses(text: string) {
  const done = new AbortController();
  const found: string[] = [];
  let looks = 0;
  const watching = (async () => {
    while (await systemClock.sleep(20, done.signal)) {
      looks += 1;
      for (const { commandLine, environment } of processTexts()) {
        if (commandLine.includes(text) || environment.includes(text)) found.push(commandLine);
      }
    }
  })();
  return {
    async end() {
      done.abort();
      await watching;
      return { found, looks };
    },
  };
}

test.skipIf(skipped).each(['deb', 'archive'] as const)(
  `user-data turns a new machine into an agent, by %s, and leaves no key behind${skipped}`,
  PATIENCE,
  async (kind) => {
    const executable = await builtPackage('executable');
    const file = await builtPackage(kind);
    await using scenario = await startMachineScenario();
    const { machine, key, system } = scenario;
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    const userData = execFileSync(executable, [
      'cloud-init',
      'print',
      '--server-url',
      system.server.url,
      '--auto-register-key-file',
      system.server.keyFile,
      '--resources',
      'linux,cloud',
      '--package-url',
      scenario.publish(file),
      '--sha256',
      sha256,
    ]).toString();
    const watch = watchProcesses(key);
    expect(await firstBoot(scenario, userData)).toContain('go-agent: set up and started');
    expect(await scenario.idleAgent()).toMatchObject({ resources: ['cloud', 'linux'] });
    await scenario.runJob('cloud', 'test "$(id -un)" = go-agent && test -f README.md');
    const { found, looks } = await watch.end();
    expect(looks).toBeGreaterThan(20);
    expect(found).toEqual([]);

    writeFileSync(join(machine.root, 'srv/key'), key);
    const everywhere = ['/etc', '/home', '/root', '/run', '/tmp', '/usr/local', '/var'];
    // `-s`: what goes while it looks is no finding.
    const search = await machine.run('grep', '-rlasF', '-f', '/srv/key', '-D', 'skip', ...everywhere);
    expect(search.output).toBe('');
    // It was there: what was made illegible still is.
    expect(await machine.must('cat', '/var/lib/cloud/instance/user-data.txt')).toContain(
      `content: "${'x'.repeat(key.length)}\\n"`,
    );
    expect((await machine.run('ls', '/run/go-agent-setup')).status).not.toBe(0);
    expect(await machine.must('sh', '-c', 'ls /var/tmp')).not.toContain('go-agent-setup');
  },
);

test.skipIf(skipped)(
  `a package that is not the one that was meant is not installed${skipped}`,
  PATIENCE,
  async () => {
    const executable = await builtPackage('executable');
    await using scenario = await startMachineScenario();
    const { machine, system } = scenario;
    const file = join(system.folder, 'user', 'other.tar.gz');
    writeFileSync(file, 'something else');
    const userData = execFileSync(executable, [
      'cloud-init',
      'print',
      '--server-url',
      system.server.url,
      '--auto-register-key-file',
      system.server.keyFile,
      '--package-url',
      scenario.publish(file),
      '--sha256',
      '0'.repeat(64),
    ]).toString();
    expect(await firstBoot(scenario, userData)).toContain('is not what was to be installed: its SHA-256 is');
    expect((await machine.run('ls', '/usr/local/bin/go-agent', '/run/go-agent-setup')).status).not.toBe(0);
  },
);
