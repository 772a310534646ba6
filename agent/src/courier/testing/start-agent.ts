import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentLaunchRequest, FromAgent } from '@go-agent/protocol/launch-contract';

export interface StartAgentOptions {
  readonly home: string;
  readonly serverUrl: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly offered?: AgentLaunchRequest['offered'];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface StartedAgent extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly settings: Readonly<Record<string, string>>;
  /** Exit code, or the name of the signal. */
  readonly exited: Promise<number | string>;
  readonly messages: readonly FromAgent[];
  log(): Promise<string>;
}

/** Quick, where the defaults are made for years. */
const SETTINGS = {
  'ping-delay': '50ms',
  'ping-interval': '200ms',
  'ping-wait': '1s',
  'work-wait': '5s',
  'work-backoff': '50ms',
  'work-backoff-max': '200ms',
  'registration-retry': '100ms',
  'console-interval': '10ms',
  'stock-console-interval': '20ms',
  grace: '1s',
  'job-host-entry': fileURLToPath(import.meta.resolve('./fake-host/main.ts')),
};

/** The courier as a process of its own, with this process as its launcher. Killed at the end of the test's scope. */
export function startAgent(options: StartAgentOptions): StartedAgent {
  const { home, serverUrl, settings = {}, offered = {}, environment = {} } = options;
  const child = fork(join(import.meta.dirname, '..', 'main.ts'), [], {
    cwd: home,
    env: { ...environment },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const request: AgentLaunchRequest = {
    type: 'launch',
    contract: 1,
    home,
    serverUrl,
    settings: { ...SETTINGS, ...settings },
    runtime: [process.execPath],
    bootstrapperVersion: '1.2.3',
    offered,
    agentMd5: 'a'.repeat(32),
  };
  child.send(request);
  const messages: FromAgent[] = [];
  child.on('message', (message) => messages.push(message as FromAgent));
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    process: child,
    settings: request.settings,
    exited,
    messages,
    log: () => readFile(join(home, 'logs', 'go-agent.log'), 'utf8'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
