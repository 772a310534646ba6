// A Podman of the test's own: storage, socket and an image made of this machine's files. No registry is asked.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';

const run = promisify(execFile);
const RUNTIME = 'runc';

export interface Podman extends AsyncDisposable {
  /** As a cluster's docker_uri. */
  readonly uri: string;
  readonly image: string;
  /** Runs `podman` on this storage. Resolves to its output. */
  podman(...args: readonly string[]): Promise<string>;
}

/** Why there can be no Podman here; undefined if there can be. */
export function noPodman(): string | undefined {
  if (process.platform !== 'linux') return 'Podman is tested on Linux only';
  if (process.getuid?.() !== 0) return 'this user is not root, which Podman needs here';
  for (const command of ['podman', RUNTIME]) {
    if (spawnSync(command, ['--version'], { stdio: 'ignore' }).error !== undefined) {
      return `there is no ${command} (apt-get install podman runc, or TEST_INSTALL=apt)`;
    }
  }
  return undefined;
}

/**
 * @param folder is used for everything, and may be removed after disposal
 * @param driver how layers of images are stored; `vfs`, which copies them, works everywhere
 */
export async function startPodman(folder: string, driver: 'vfs' | 'overlay' = 'vfs'): Promise<Podman> {
  const config = join(folder, 'containers.conf');
  await writeFile(
    config,
    [
      '[containers]',
      // What a machine for tests may not raise.
      'default_ulimits = ["nofile=20000:20000", "nproc=10000:10000"]',
      'cgroups = "no-conmon"',
      '[engine]',
      `runtime = "${RUNTIME}"`,
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      '',
    ].join('\n'),
  );
  // oxlint-disable-next-line node/no-process-env -- podman finds its helpers by PATH
  const env = { ...process.env, CONTAINERS_CONF: config };
  const base = [
    '--root',
    join(folder, 'storage'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    driver,
  ];
  const podman = async (...args: readonly string[]) =>
    (await run('podman', [...base, ...args], { env })).stdout;
  const image = 'localhost/agent-test:1';
  await importImage(folder, image, podman);
  const socket = join(folder, 'p.sock');
  const service = spawn('podman', [...base, 'system', 'service', '--time=0', `unix://${socket}`], {
    env,
    stdio: 'ignore',
  });
  // Ctrl-C must leave nothing either. Podman would not remove a container whose monitor was killed.
  const clear = () => {
    const { stdout } = spawnSync('podman', [...base, 'ps', '-aq', '--no-trunc'], { env, encoding: 'utf8' });
    for (const id of stdout.split('\n').filter((line) => line !== ''))
      spawnSync(RUNTIME, ['delete', '--force', id], { stdio: 'ignore' });
    unmountBelow(folder);
  };
  process.prependOnceListener('exit', clear);
  await waitFor(() => isAnswering(socket), { describe: 'the service of Podman' });
  return {
    uri: `unix://${socket}`,
    image,
    podman,
    async [Symbol.asyncDispose]() {
      await podman('rm', '--all', '--force', '--time', '0').catch(() => undefined);
      await end(service);
      process.off('exit', clear);
      unmountBelow(folder);
    },
  };
}

/** A root folder with a shell and what it needs, as an image. */
async function importImage(
  folder: string,
  image: string,
  podman: (...args: readonly string[]) => Promise<string>,
): Promise<void> {
  const root = join(folder, 'root');
  for (const name of ['bin', 'etc', 'tmp', 'proc', 'dev', 'sys', 'var'])
    await mkdir(join(root, name), { recursive: true });
  const programs = {
    '/bin/dash': 'bin/sh',
    '/bin/sleep': 'bin/sleep',
    '/bin/cat': 'bin/cat',
    '/usr/bin/env': 'bin/env',
  };
  const options = { dereference: true } as const;
  for (const [from, to] of Object.entries(programs)) {
    await cp(from, join(root, to), options);
    const { stdout } = await run('ldd', [from]);
    for (const [library] of stdout.matchAll(/\/\S+\.so\S*/g)) {
      await mkdir(dirname(join(root, library)), { recursive: true });
      await cp(library, join(root, library), options);
    }
  }
  const archive = join(folder, 'root.tar');
  await run('tar', ['-C', root, '-cf', archive, '.']);
  await podman('import', archive, image);
}

/** Some storage drivers leave mounts, and so do containers that were killed; what is mounted cannot be removed. */
function unmountBelow(folder: string): void {
  const mounted = readFileSync('/proc/self/mounts', 'utf8').matchAll(/^\S+ (\S+)/gm);
  const own = [...mounted].map(([, point = '']) => point).filter((point) => point.startsWith(`${folder}/`));
  for (const point of own.reverse()) spawnSync('umount', ['--lazy', point], { stdio: 'ignore' });
}

async function isAnswering(socket: string): Promise<boolean> {
  const { default: Docker } = await import('dockerode');
  await new Docker({ socketPath: socket }).ping();
  return true;
}

async function end(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.signalCode !== null) return;
  const gone = once(service, 'exit');
  service.kill('SIGTERM');
  const inTime = new AbortController();
  const killed = systemClock.sleep(5000, inTime.signal).then((late) => late && service.kill('SIGKILL'));
  await gone;
  inTime.abort();
  await killed;
}
