import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtPackage, noPackages } from './harness/built-packages.ts';
import { SERVICE_HOME, startMachineScenario } from './harness/machine-scenario.ts';
import { whyNoMachine } from './harness/systemd-machine.ts';

const reason = whyNoMachine();
const skipped = noPackages || (reason === undefined ? '' : ` (skipped: ${reason})`);

test.skipIf(skipped)(
  `a service is installed, found installed, changed, and removed again, by an executable and nothing else${skipped}`,
  { timeout: 600_000 },
  async () => {
    const executable = await builtPackage('executable');
    await using scenario = await startMachineScenario();
    const { machine, system, key } = scenario;
    await machine.must('install', '-m', '0755', scenario.bring(executable), '/usr/local/bin/go-agent');
    const service = (...args: string[]) => machine.must('go-agent', 'service', ...args);
    const install = (...args: string[]) =>
      service('install', '--server-url', system.server.url, '--', ...args);
    const property = async (name: string) =>
      (await machine.must('systemctl', 'show', '-P', name, 'go-agent')).trim();

    const asNobody = await machine.run('runuser', '-u', 'nobody', '--', 'go-agent', 'service', 'install');
    expect(asNobody).toMatchObject({
      status: 1,
      output: expect.stringContaining('Remedy: run it with sudo'),
    });
    const elsewhere = await machine.run('go-agent', 'service', 'install', '--launchd');
    expect(elsewhere).toMatchObject({
      status: 1,
      output: expect.stringContaining('service print --launchd'),
    });
    const misnamed = await machine.run('go-agent', 'service', 'install', '--name', 'a b');
    expect(misnamed).toMatchObject({ status: 2, output: expect.stringContaining('--name') });

    expect(await install('--resources', 'one')).toContain('go-agent is started');
    // Now that the account is there, its agent is given the key.
    const config = join(SERVICE_HOME, 'config');
    const properties = `printf 'agent.auto.register.key=%s' "$0" > ${config}/autoregister.properties`;
    await machine.must(
      'sh',
      '-c',
      `cd ${config} && umask 077 && ${properties} && chown go-agent *.properties`,
      key,
    );
    await machine.must('systemctl', 'restart', 'go-agent');
    expect(await scenario.idleAgent()).toMatchObject({ resources: ['one'] });
    expect(await property('UnitFileState')).toBe('enabled');

    const pid = await property('MainPID');
    expect(await install('--resources', 'one')).toContain('go-agent was installed already');
    expect(await property('MainPID')).toBe(pid);
    expect(await install('--resources', 'two')).toContain('Wrote /etc/systemd/system/go-agent.service');
    expect(await property('MainPID')).not.toBe(pid);

    // A supervisor that is killed is started again, and so is its agent.
    await scenario.idleAgent();
    const second = await property('MainPID');
    await machine.must('kill', '-KILL', second);
    await system.wait(async () => !['0', second].includes(await property('MainPID')), {
      describe: 'the service to be started again',
    });

    expect(await service('uninstall')).toContain('is left as it is');
    expect((await machine.run('systemctl', 'status', 'go-agent')).output).toContain('could not be found');
    expect((await machine.run('pgrep', '-f', 'go-agent')).output).toBe('');
    expect(await machine.must('ls', join(config, 'guid.txt'))).toContain('guid.txt');
    expect(await service('uninstall')).toContain('go-agent is not installed');
  },
);
