// The two processes that `npm start` runs, and how all of it ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import type { Layout } from './layout.ts';

export interface Ports {
  readonly http: number;
  readonly tls: number;
}

/** A child that has ended although nobody asked it to. */
export class ProcessEnded extends Error {}

export interface Running {
  readonly child: ChildProcess;
  /** Rejects with ProcessEnded if the child ends by itself. Never resolves. */
  readonly ended: Promise<never>;
}

/** Starts the server and resolves once it answers. Keeps the admin token, which the server shows only once. */
export async function startServer(
  root: string,
  layout: Layout,
  ports: Ports,
  bundles: string,
  plugins?: string,
): Promise<Running> {
  const main = join(root, 'server', 'src', 'main.ts');
  if (!existsSync(layout.tokenFile)) resetToken(main, layout);
  const options = {
    data: layout.serverData,
    pipelines: layout.pipelines,
    bundles,
    port: String(ports.http),
    'tls-port': String(ports.tls),
    'auto-register-key-file': layout.keyFile,
    ...(plugins === undefined ? {} : { plugins }),
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const running = run('go-server', process.execPath, [main, 'start', '--json', ...args], root);
  try {
    await Promise.race([once(running.child.stdout as NodeJS.ReadableStream, 'data'), running.ended]);
  } catch (error) {
    throw error instanceof ProcessEnded ? new ProcessEnded(inOwnWords(error.message)) : error;
  }
  return running;
}

/** The server names options of its own, which are not ours. */
function inOwnWords(text: string): string {
  return text.replaceAll('--tls-port', 'GO_SERVER_TLS_PORT').replaceAll('--port', 'GO_SERVER_PORT');
}

/** The token that the last start kept is gone, or there was none: the server makes another. */
function resetToken(main: string, layout: Layout): void {
  const args = [main, 'token', '--reset', '--data', layout.serverData];
  const done = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const token = done.stdout.trim().split(/\s+/).at(-1);
  if (done.status !== 0 || !token) throw new Error(`No admin token could be made: ${done.stderr}`);
  writeFileSync(layout.tokenFile, `${token}\n`, { mode: 0o600 });
}

/** Starts one agent through the bootstrapper, in the foreground of this terminal's process group. */
export function startAgent(goAgent: string, layout: Layout, serverUrl: string): Running {
  const args = [goAgent, 'run', '--home', layout.agentHome, '--server-url', serverUrl];
  args.push('--auto-register-key-file', layout.keyFile, '--hostname', 'local');
  const running = run('go-agent', process.execPath, args, layout.agentHome);
  running.child.stdout?.resume();
  return running;
}

export function adminToken(layout: Layout): string {
  return readFileSync(layout.tokenFile, 'utf8').trim();
}

/** Asks each process to end, the last started first, and waits for it; after `patienceMs` it is killed. */
export async function stopAll(all: readonly Running[], patienceMs: number): Promise<void> {
  for (const { child } of all.toReversed()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    // Not SIGTERM, after which an agent finishes its job first.
    child.kill('SIGINT');
    const inTime = new AbortController();
    const killed = systemClock.sleep(patienceMs, inTime.signal).then((over) => over && child.kill('SIGKILL'));
    await gone;
    inTime.abort();
    await killed;
  }
}

function run(name: string, command: string, args: readonly string[], cwd: string): Running {
  // A session of its own: Ctrl-C reaches this script only, which then ends its children in order.
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = `${complaints}${chunk.toString()}`.slice(-4000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.on('error', (error) => reject(new ProcessEnded(`${name} could not be started: ${error.message}`)));
    child.on('exit', (code, signal) => {
      reject(
        new ProcessEnded(`${name} has ended (${signal ?? `exit status ${code}`}).\n${complaints.trim()}`),
      );
    });
  });
  ended.catch(() => undefined);
  return { child, ended };
}
