// A machine of its own for a test: systemd as process 1 in a container, on a writable copy of this machine's /usr and /etc. It
// shares the network, so that it reaches servers on loopback. Nothing of it is left behind.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@go-agent/runtime/testing';
import { runToEnd } from './process.ts';

export interface SystemdMachine extends AsyncDisposable {
  /** Its root folder, as seen from here. `/srv` in it is a good place to hand over files. */
  readonly root: string;
  /** Runs a command in it, as root. */
  run(...command: string[]): Promise<{ readonly status: number; readonly output: string }>;
  /** The same, for commands that must succeed. @throws Error with what the command said */
  must(...command: string[]): Promise<string>;
}

/** Why there can be no such machine here; absent if there can. @param more further commands that it is to have */
export function whyNoMachine(...more: string[]): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it takes root on Linux';
  for (const command of ['podman', 'runc', 'dpkg', ...more]) {
    if (spawnSync(command, ['--version'], { stdio: 'ignore' }).error) return `there is no ${command}`;
  }
  if (!existsSync('/lib/systemd/systemd')) return 'there is no systemd';
  const overlay =
    'mount -t tmpfs t /mnt && mkdir /mnt/u /mnt/w /mnt/m && mount -t overlay o -o lowerdir=/usr,upperdir=/mnt/u,workdir=/mnt/w /mnt/m';
  const tried = spawnSync('unshare', ['--mount', 'sh', '-c', overlay], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `overlays cannot be mounted: ${tried.stderr.trim()}`;
}

/** As little as systemd needs. No limit may be above this process's own. */
const isolation = [
  '--runtime=runc',
  '--network=host',
  '--ipc=host',
  '--systemd=always',
  '--cap-add=SYS_ADMIN',
  '--security-opt=seccomp=unconfined',
  '--security-opt=apparmor=unconfined',
  '--ulimit=nofile=4096:4096',
  '--ulimit=nproc=4096:4096',
];
const process1 = ['/lib/systemd/systemd', '--unit=multi-user.target'];

/** @param folder an empty folder of the test's */
export async function startMachine(folder: string): Promise<SystemdMachine> {
  const resources = new AsyncDisposableStack();
  try {
    const root = makeRoot(folder, resources);
    const name = `go-agent-test-${randomBytes(6).toString('hex')}`;
    resources.defer(() => void tool('podman', 'rm', '--force', '--time', '1', '--ignore', name));
    tool('podman', 'run', '--detach', '--name', name, ...isolation, '--rootfs', root, ...process1);
    const run = (...command: string[]) =>
      runToEnd('podman', ['exec', name, ...command], { cwd: folder, timeoutMs: 120_000 });
    await waitFor(async () => (await run('systemctl', 'is-system-running')).output.trim() === 'running', {
      timeoutMs: 180_000,
      intervalMs: 200,
      describe: 'systemd to have booted',
    });
    return {
      root,
      run,
      async must(...command) {
        const { status, output } = await run(...command);
        if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${output}`);
        return output;
      },
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

function makeRoot(folder: string, resources: AsyncDisposableStack): string {
  const mount = (target: string, ...args: string[]) => {
    tool('mount', ...args, target);
    resources.defer(() => void tool('umount', '--lazy', target));
  };
  // An overlay's upper folder must not itself lie on an overlay.
  const memory = join(folder, 'machine');
  mkdirSync(memory);
  mount(memory, '-t', 'tmpfs', '-o', 'mode=755', 'machine');
  const root = join(memory, 'root');
  for (const name of [
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'srv',
    'home',
    'var/lib',
    'var/cache',
    'var/log',
  ]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  mkdirSync(join(root, 'var/tmp'));
  tool('chmod', '1777', join(root, 'tmp'), join(root, 'var/tmp'));
  for (const name of ['usr', 'etc']) {
    for (const part of ['upper', 'work']) mkdirSync(join(memory, `${name}-${part}`));
    mkdirSync(join(root, name));
    const layers = `lowerdir=/${name},upperdir=${memory}/${name}-upper,workdir=${memory}/${name}-work`;
    mount(join(root, name), '-t', 'overlay', '-o', layers, 'overlay');
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    if (lstatSync(`/${name}`, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      symlinkSync(`usr/${name}`, join(root, name));
    }
  }
  symlinkSync('/run', join(root, 'var/run'));
  cpSync('/var/lib/dpkg', join(root, 'var/lib/dpkg'), { recursive: true });
  // None of this machine's services, and an identity of its own.
  rmSync(join(root, 'etc/systemd/system'), { recursive: true, force: true });
  mkdirSync(join(root, 'etc/systemd/system'));
  rmSync(join(root, 'usr/sbin/policy-rc.d'), { force: true });
  rmSync(join(root, 'etc/machine-id'), { force: true });
  writeFileSync(join(root, 'etc/machine-id'), '');
  return root;
}

function tool(command: string, ...args: string[]): string {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${done.error?.message ?? done.stderr.trim()}`);
  }
  return done.stdout;
}
