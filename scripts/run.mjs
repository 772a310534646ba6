// The first step of every npm script. Runs under whatever Node a fresh machine has (20 or newer): installs what
// is missing, then hands over to the project's own Node with the script named on the command line.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-from');
const runtime = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function isInstalled() {
  return existsSync(runtime) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

/** `npm ci`, by one process at a time: a second one waits for the first and then finds the work done. @returns the exit status */
async function install() {
  const lock = join(root, '.installing');
  while (!tryLock(lock)) {
    if (isInstalled()) return 0;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  // Whatever ends this process has to end npm first: who is after it would wait for a lock that nobody holds.
  let npm;
  for (const signal of SIGNALS) process.on(signal, () => npm.kill(signal));
  try {
    if (isInstalled()) return 0;
    console.error('Installing dependencies (npm ci) ...');
    npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    const status = await new Promise((resolve) => {
      npm.on('error', () => resolve(1)).on('close', (code) => resolve(code ?? 1));
    });
    if (status === 0) writeFileSync(stamp, wanted);
    else console.error('npm ci failed. Remedy: see its messages above; the npm registry must be reachable.');
    return status;
  } finally {
    rmSync(lock, { recursive: true, force: true });
    for (const signal of SIGNALS) process.removeAllListeners(signal);
  }
}

function tryLock(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    try {
      // A lock older than ten minutes belongs to a process that was killed.
      if (Date.now() - statSync(lock).mtimeMs > 600_000) rmSync(lock, { recursive: true, force: true });
    } catch {
      // Released in the meantime: the next turn takes it.
    }
    return false;
  }
}

if (!isInstalled()) {
  const status = await install();
  if (status !== 0) process.exit(status);
}
const path = `${join(modules, '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`;
const child = spawn(runtime, process.argv.slice(2), {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
});
for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code ?? 1);
});
