import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { killLeftovers, type TempDir, tempDir, waitFor } from '@go-agent/runtime/testing';
import { readStatus } from '../find-running.ts';
import { fixtureBundles } from './fixture-launcher.ts';

const main = join(import.meta.dirname, '..', 'main.ts');

/** Locks in the simplest way that is right for a test, then "runs" until it is stopped. */
export const quiet = `
  const lock = request.home + '/test-lock';
  control.report({ phase: 'locking' });
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  let alive = false;
  try { alive = holder > 0 && holder !== process.pid && process.kill(holder, 0); } catch {}
  if (alive) { control.report({ phase: 'locking', detail: 'held by pid ' + holder }); return 0xbadbad; }
  writeFileSync(lock, String(process.pid));
  control.report({ phase: 'running' });
  control.report({ phase: 'running', agent: { connected: true, state: 'idle' } });
  await untilStopped(control);
  return 0;`;

/** The commands as processes, in a home folder of their own. @param disk instead of a temporary folder; disposed of with the rest */
export async function commandWorld(body = quiet, disk?: TempDir) {
  const folder = disk ?? (await tempDir());
  const home = join(folder.path, 'home');
  const bundles = fixtureBundles(join(folder.path, 'bundles'), body);
  const spawnCommand = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
    spawn(process.execPath, [main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder.path,
      env,
    });
  const command = async (...args: string[]) => {
    const child = spawnCommand([...args, '--home', home]);
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    return { out, err, code: code as number };
  };
  const runArguments = ['--server-url', 'http://127.0.0.1:1/go', '--bundles', bundles];
  const run = ['run', '--home', home, ...runArguments];
  return {
    folder: folder.path,
    home,
    spawnCommand,
    runCommand: [process.execPath, main, ...run],
    spawnRun: (env?: NodeJS.ProcessEnv) => spawnCommand(run, env),
    start: () => command('start', ...runArguments),
    command,
    status: () => readStatus(home),
    running: () =>
      waitFor(async () => ((await readStatus(home))?.phase === 'running' ? readStatus(home) : undefined)),
    async [Symbol.asyncDispose]() {
      await killLeftovers(folder.path);
      await folder[Symbol.asyncDispose]();
    },
  };
}
