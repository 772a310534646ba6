import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { DoctorWorld } from './doctor-world.ts';
import { isRoot, type Plant } from './plant.ts';

const AS_NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] as const;

/** Faults of settings, of the home folder, and of the machine around it. */
export const machineFaults: Readonly<Record<string, Plant>> = {
  'no-server': () => ({ serverUrl: null }),
  'setting-misspelt': () => ({ args: ['--set', 'workspce-max-age=1d'] }),
  'setting-senseless': () => ({ env: { GO_AGENT_GRACE: 'soon' } }),
  'settings-file-missing': () => ({ env: { GO_AGENT_ENV_FILE: '/no/such/file' } }),
  'server-url-wrong': () => ({ serverUrl: 'http://gocd.example.com:8153' }),
  'home-missing': ({ folder }) => ({ home: join(folder, 'nowhere') }),
  'home-read-only': (world) => mounted(world, 'size=400m', (home) => run('mount', '-o', 'remount,ro', home)),
  'token-readable': ({ home }) => {
    chmodSync(join(home, 'config', 'token'), 0o644);
    return {};
  },
  'owner-wrong': ({ home }) => {
    if (!isRoot) return 'impossible';
    mkdirSync(join(home, 'data'));
    chownSync(join(home, 'data'), 65_534, 65_534);
    return {};
  },
  'disk-full': (world) => mounted(world, 'size=64m', () => undefined),
  'inodes-gone': (world) => mounted(world, 'nr_inodes=500', () => undefined),
  'temporary-missing': () => ({ env: { TMPDIR: '/no/such/folder' } }),
  'logs-too-large': ({ home }) => {
    const log = join(home, 'logs', 'go-agent.log');
    mkdirSync(join(home, 'logs'));
    writeFileSync(log, '');
    truncateSync(log, 400 * 1024 ** 2);
    return {};
  },
  'files-limited': () => ({ wrapper: ['/bin/sh', '-c', 'ulimit -n 256 && exec "$@"', 'sh'] }),
  'locale-not-utf8': () => ({ env: { LANG: 'POSIX' } }),
  'git-missing': (world) => ({ env: { PATH: folderOf(world, {}) } }),
  'git-old': (world) => ({
    env: { PATH: folderOf(world, { git: '#!/bin/sh\necho git version 1.8.3.1\n' }) },
  }),
  'git-broken': (world) => ({
    env: { PATH: folderOf(world, { git: '#!/bin/sh\necho libz.so.1 is missing >&2; exit 127\n' }) },
  }),
  'cgroup-not-delegated': ({ home, folder }) => {
    const [command, ...rest] = AS_NOBODY;
    if (!isRoot || spawnSync(command, [...rest, 'true']).status !== 0) return 'impossible';
    for (const path of [folder, home, ...readdirSync(home).map((name) => join(home, name))])
      chownSync(path, 65_534, 65_534);
    for (const name of readdirSync(join(home, 'config')))
      chownSync(join(home, 'config', name), 65_534, 65_534);
    return { wrapper: AS_NOBODY };
  },
  'job-user-missing': () => ({ args: ['--run-jobs-as', 'no-such-user'] }),
  'unit-without-delegate': ({ home, folder }) => {
    const units = join(folder, 'units');
    mkdirSync(units);
    const text = `[Service]\nUser=go\nRestart=always\nKillMode=mixed\nExecStart=/usr/bin/go-agent run --home ${home}\n`;
    writeFileSync(join(units, 'go-agent.service'), text);
    return { env: { SYSTEMD_UNIT_PATH: units } };
  },
  'port-taken': async ({ resources }) => {
    const server = resources.adopt(createServer(), (server) => {
      server.close();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { env: { GO_AGENT_HEALTH_LISTEN: `127.0.0.1:${port}` } };
  },
  'proxy-dead': () => ({ env: { HTTPS_PROXY: 'http://me:secret@127.0.0.1:1' } }),
};

/** The healthy home on a file system of its own in memory. */
function mounted(world: DoctorWorld, options: string, then: (home: string) => void): ReturnType<Plant> {
  const home = join(world.folder, 'mount');
  mkdirSync(home);
  if (!isRoot || spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', home]).status !== 0)
    return 'impossible';
  world.resources.defer(() => run('umount', '-l', home));
  cpSync(world.home, home, { recursive: true, preserveTimestamps: true });
  // The guid is to be at home there.
  const binding = join(home, 'config', 'guid-of.json');
  writeFileSync(binding, '{}', { mode: 0o600 });
  then(home);
  return { home };
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

/** A folder for PATH with these programs in it, and no others. */
function folderOf({ folder }: DoctorWorld, programs: Readonly<Record<string, string>>): string {
  const path = join(folder, 'bin');
  mkdirSync(path);
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(path, name), text, { mode: 0o755 });
  return path;
}
