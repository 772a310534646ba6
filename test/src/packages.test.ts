import { execFileSync, spawnSync } from 'node:child_process';
import { readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { version } from '../../scripts/package/make-packages.ts';
import { builtPackage, noPackages } from './harness/built-packages.ts';
import { consoleLines } from './harness/console-lines.ts';
import { SERVICE_HOME, startMachineScenario } from './harness/machine-scenario.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import { whyNoMachine } from './harness/systemd-machine.ts';

const noMachine = noPackages || skipped(whyNoMachine());

function skipped(reason: string | undefined): string {
  return reason === undefined ? '' : ` (skipped: ${reason})`;
}

/** A folder for PATH with these commands and no others. */
async function pathWith(folder: string, commands: readonly string[]): Promise<string> {
  await mkdir(folder);
  for (const command of commands) {
    const found = spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim();
    symlinkSync(found, join(folder, command));
  }
  return folder;
}

/** The packages may have to be made first, on a busy machine. */
const PATIENCE = { timeout: 600_000 };

test.skipIf(noPackages)(
  `the single executable is all it takes: a job runs where there is no Node${noPackages}`,
  PATIENCE,
  async () => {
    const archive = await builtPackage('archive');
    await using folder = await tempDir();
    execFileSync('tar', ['-xzf', archive, '-C', folder.path]);
    const executable = join(folder.path, `go-agent-${version}-linux-x64`, 'go-agent');
    const path = await pathWith(join(folder.path, 'bin'), ['git', 'sh', 'cat', 'mkdir', 'ls']);
    await using system = await startSystem({ agentCommand: [executable], agentEnv: { PATH: path } });
    const tasks = [
      shellTask('if command -v node; then exit 1; fi'),
      shellTask('mkdir out && git rev-parse HEAD > out/revision.txt && cat README.md'),
    ];
    const artifacts = [{ build: { source: 'out/*.txt', destination: 'results' } }];
    await system.definePipeline('single', [stageOf('only', 'one', tasks, { job: { artifacts } })]);
    const counter = await system.trigger('single');
    await system.waitForPass('single', counter, 'only');
    const job = { pipeline: 'single', counter, stage: 'only', job: 'one' };
    const printed = consoleLines(await system.console(job)).filter(({ tag }) => tag === '&1');
    expect(printed.map(({ text }) => text)).toEqual(['A scenario']);
    expect(await system.api.getText(system.file(job, 'results/revision.txt'))).toMatch(/^[0-9a-f]{40}\n$/);
    const { process: bootstrapper, agent } = await system.agent.status();
    for (const pid of [bootstrapper?.pid, agent?.pid]) {
      expect(readlinkSync(`/proc/${pid}/exe`)).toBe(executable);
    }
    expect((await system.waitForIdle()).agent_version).toBe(version);
  },
);

test.skipIf(noMachine)(
  `the Debian package installs, runs jobs under systemd's rules, upgrades, and is purged without a trace${noMachine}`,
  PATIENCE,
  async () => {
    const deb = await builtPackage('deb');
    await using scenario = await startMachineScenario();
    const { machine, system, key } = scenario;
    const path = scenario.bring(deb);
    const installed = await machine.must('dpkg', '--install', path);
    expect(installed).toContain('set GO_SERVER_URL in /etc/default/go-agent');
    expect((await machine.run('systemctl', 'is-active', 'go-agent')).output.trim()).toBe('inactive');
    expect(await machine.must('systemctl', 'is-enabled', 'go-agent')).toContain('enabled');

    writeFileSync(join(machine.root, 'etc/default/go-agent'), `GO_SERVER_URL=${system.server.url}\n`);
    const properties = join(machine.root, 'srv/autoregister.properties');
    writeFileSync(properties, `agent.auto.register.key=${key}\nagent.auto.register.resources=packaged\n`);
    const config = `${SERVICE_HOME}/config/autoregister.properties`;
    await machine.must('install', '-o', 'go-agent', '-m', '0600', '/srv/autoregister.properties', config);
    await machine.must('systemctl', 'start', 'go-agent');
    expect(await scenario.idleAgent()).toMatchObject({ agent_version: version, resources: ['packaged'] });
    expect((await machine.run('grep', '-c', '-e', key, config)).output.trim()).toBe('0');
    await scenario.runJob(
      'hardened',
      'test "$(id -un)" = go-agent && grep -q NoNewPrivs:.1 /proc/self/status',
      // Of the machine it may write to its own home and to a temporary folder, and to nothing else.
      'touch here "$(mktemp)" && ! touch /etc/here && ! touch /usr/here && ! ls /root',
      // What builds do: pipes, background processes, threads, namespaces, debuggers.
      'seq 1 1000 | (sleep 0.1 & sort -n; wait) | tail -1 | grep -qx 1000 && test -f README.md',
      'python3 -c "from concurrent.futures import ThreadPoolExecutor as T; print(sum(T(4).map(abs, range(9))))"',
      'grep -q "^0::.*/go-agent.service\\|name=systemd:.*/go-agent.service" /proc/self/cgroup',
    );

    const pid = async () => (await machine.must('systemctl', 'show', '-P', 'MainPID', 'go-agent')).trim();
    const before = { pid: await pid(), agent: (await scenario.idleAgent()).uuid };
    await machine.must('dpkg', '--install', path);
    await system.wait(async () => (await pid()) !== before.pid && (await pid()) !== '0', {
      describe: 'the new version to run',
    });
    expect((await scenario.idleAgent()).uuid).toBe(before.agent);

    await machine.must('dpkg', '--purge', 'go-agent');
    const traces = ['/usr', '/etc', '/var', '/run', '-name', '*go-agent*'];
    // systemd removes the service's temporary folders when it finds the time.
    await system.wait(
      async () => {
        const found = await machine.run('find', ...traces, '-not', '-path', '/var/log/*');
        if (found.status === 0 && found.output === '') return true;
        throw new Error(`There are: ${found.output}`);
      },
      { describe: 'the last trace to be gone' },
    );
    expect((await machine.run('getent', 'passwd', 'go-agent')).status).toBe(2);
    expect((await machine.run('pgrep', '-f', 'go-agent')).output).toBe('');
    expect((await machine.run('systemctl', 'status', 'go-agent')).output).toContain('could not be found');
  },
);
