import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processTexts, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { builtPackage, noPackages } from './harness/built-packages.ts';
import { serveFolder } from './harness/file-server.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import { whyNoMachine } from './harness/systemd-machine.ts';
import { makeTinyRoot } from './harness/tiny-root.ts';

const reason = whyNoMachine();
const skipped = noPackages || (reason === undefined ? '' : ` (skipped: ${reason})`);
const limits = ['--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'];

function podman(...args: string[]): string {
  return execFileSync('podman', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** The image that the Containerfile makes of a base that was made of this machine's files. */
async function buildImage(name: string): Promise<AsyncDisposable> {
  const container = await builtPackage('container');
  const executable = await builtPackage('executable');
  const resources = new AsyncDisposableStack();
  const base = `${name}-base`;
  await using folder = await tempDir();
  const root = join(folder.path, 'root');
  makeTinyRoot(root, [
    'sh',
    'mkdir',
    'chmod',
    'chown',
    'cat',
    'sed',
    'git',
    'id',
    'env',
    'grep',
    '/usr/lib/git-core/git-remote-http',
    executable,
  ]);
  const archive = join(folder.path, 'root.tar');
  execFileSync('tar', ['-C', root, '--exclude', `.${executable}`, '-cf', archive, '.']);
  podman('import', '--quiet', archive, base);
  resources.defer(() => void spawnSync('podman', ['rmi', '--force', name, base]));
  const args = ['--build-arg', `BASE=${base}`, '--build-arg', 'PACKAGES='];
  podman(
    'build',
    '--quiet',
    '--isolation',
    'chroot',
    '--layers=false',
    ...limits,
    ...args,
    '-t',
    name,
    container,
  );
  return resources;
}

test.skipIf(skipped)(
  `the image runs an agent as GoCD's variables say, and keeps the key out of its processes${skipped}`,
  { timeout: 600_000 },
  async () => {
    const name = `localhost/go-agent-test-${randomBytes(6).toString('hex')}`;
    await using system = await startSystem({ agents: 0 });
    await using web = await serveFolder(system.folder);
    await using image = await buildImage(name);
    void image;
    const key = readFileSync(system.server.keyFile, 'utf8').trim();
    const run = ['run', '--network', 'host', '--runtime', 'runc', ...limits];

    const refused = spawnSync('podman', [...run, '--rm', name], { encoding: 'utf8' });
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('GO_SERVER_URL=https://') });
    expect(podman(...run, '--rm', name, 'id', '-u')).toBe('1000');

    const variables = {
      GO_SERVER_URL: system.server.url,
      AGENT_AUTO_REGISTER_KEY: key,
      AGENT_AUTO_REGISTER_RESOURCES: 'contained,linux',
      AGENT_AUTO_REGISTER_HOSTNAME: 'in-a-box',
    };
    const env = Object.entries(variables).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]);
    const container = podman(...run, '--detach', ...env, name);
    await using cleanUp = new AsyncDisposableStack();
    cleanUp.defer(() => void spawnSync('podman', ['rm', '--force', '--volumes', '--time', '1', container]));
    const idle = () =>
      system.wait(
        async () =>
          (await system.agentShapes()).find(
            // Its version it says once it is registered, and has removed the key.
            (shape) => shape.display_state === 'idle' && shape.agent_version !== '',
          ),
        { timeoutMs: 120_000, describe: 'an idle agent in the container' },
      );
    const agent = await idle();
    expect(agent).toMatchObject({ hostname: 'in-a-box', resources: ['contained', 'linux'] });
    const seen = processTexts().filter((text) => `${text.commandLine} ${text.environment}`.includes(key));
    expect(seen).toEqual([]);
    const search = 'grep -c "$0" /var/lib/go-agent/config/autoregister.properties; true';
    expect(podman('exec', container, 'sh', '-c', search, key)).toBe('0');

    execFileSync('git', ['update-server-info'], { cwd: system.repository.path });
    const git = `${web.url}/repository/.git`;
    await system.definePipeline('boxed', [stageOf('only', 'one', [shellTask('test -f README.md && id')])], {
      materials: { code: { git, branch: 'main', auto_update: false } },
    });
    await system.waitForPass('boxed', await system.trigger('boxed'), 'only');

    // Started again it is the same agent; stopped, it ends by itself and in time.
    podman('restart', '--time', '60', container);
    await waitFor(
      () => {
        const status = podman(
          'exec',
          container,
          'go-agent',
          'status',
          '--home',
          '/var/lib/go-agent',
          '--json',
        );
        return (JSON.parse(status) as { phase?: string }).phase === 'running';
      },
      { timeoutMs: 120_000, intervalMs: 500, describe: 'the agent to run again' },
    );
    expect((await idle()).uuid).toBe(agent.uuid);
    podman('stop', '--time', '60', container);
    expect(podman('inspect', container, '--format', '{{.State.ExitCode}}')).toBe('0');
    await waitFor(() => podman('inspect', container, '--format', '{{.State.Status}}') === 'exited');
  },
);
