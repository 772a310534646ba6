// What some tests talk to, from Debian's packages. Only where TEST_INSTALL=apt says that this machine may be changed (.ci/run
// does); elsewhere such tests are skipped, each with a line that says what is missing.
import { spawnSync } from 'node:child_process';

const PACKAGES = {
  svn: 'subversion',
  hg: 'mercurial',
  'systemd-analyze': 'systemd',
  'cloud-init': 'cloud-init',
  podman: 'podman',
  runc: 'runc',
} as const;

/** Installs what is missing; a failure is said and leaves the tests to be skipped. */
export function installClients(): void {
  if (process.env['TEST_INSTALL'] !== 'apt') return;
  const missing = Object.entries(PACKAGES).flatMap(([command, name]) =>
    spawnSync(command, ['--version'], { stdio: 'ignore' }).error ? [name] : [],
  );
  if (missing.length === 0) return;
  console.error(`Installing ${missing.join(', ')} (apt-get) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...missing],
  ]) {
    const done = spawnSync('apt-get', args, { env, encoding: 'utf8' });
    if (done.status === 0) continue;
    console.error(`apt-get ${args[0]} failed: ${done.error?.message ?? done.stderr.trim()}`);
    return;
  }
}
