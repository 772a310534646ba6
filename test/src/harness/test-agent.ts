import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AGENT_LOCK } from '@go-agent/protocol/launch-contract';
import { waitFor } from '@go-agent/runtime/testing';
import { runToEnd, startProcess, type TestProcess } from './process.ts';

export interface TestAgentOptions {
  readonly home: string;
  /** The bootstrapper: a command that an operator's arguments follow. */
  readonly command: readonly [string, ...string[]];
  readonly serverUrl: string;
  readonly env: NodeJS.ProcessEnv;
  /** Further arguments of `run` and `start`. */
  readonly args: readonly string[];
}

/** What `go-agent status --json` says, as far as the scenarios read it. */
export interface AgentStatus {
  readonly running: boolean;
  readonly phase?: string;
  readonly process?: { readonly pid: number };
  readonly launcher?: { readonly version: string; readonly source: string };
  readonly agent?: { readonly pid: number; readonly md5?: string };
}

/** One agent's home, and what an operator does with it through `go-agent`. */
export class TestAgent implements AsyncDisposable {
  readonly home: string;
  readonly #options: TestAgentOptions;
  readonly #foreground: TestProcess[] = [];
  #wasStarted = false;

  constructor(options: TestAgentOptions) {
    this.#options = options;
    this.home = options.home;
  }

  /** `go-agent run`. */
  async run(): Promise<TestProcess> {
    await mkdir(this.home, { recursive: true });
    const { command, env } = this.#options;
    const [program, ...args] = command;
    // SIGTERM would let a running job finish first.
    const options = { cwd: this.home, env, endWith: 'SIGINT' } as const;
    const running = startProcess(program, [...args, 'run', ...this.#runArguments()], options);
    this.#foreground.push(running);
    return running;
  }

  /** `go-agent start`. */
  async start(): Promise<{ readonly status: number; readonly output: string }> {
    await mkdir(this.home, { recursive: true });
    this.#wasStarted = true;
    return this.#command(['start', ...this.#runArguments()]);
  }

  async status(): Promise<AgentStatus> {
    const { output } = await this.#command(['status', '--home', this.home, '--json']);
    return JSON.parse(output) as AgentStatus;
  }

  /** A command of the operator for this home, to its end. */
  async go(
    name: string,
    ...args: readonly string[]
  ): Promise<{ readonly status: number; readonly output: string }> {
    await mkdir(this.home, { recursive: true });
    return this.#command([name, '--home', this.home, ...args]);
  }

  /** Ends whatever runs in this home. */
  async stop(): Promise<void> {
    await this.#command(['stop', '--now', '--home', this.home]);
  }

  /** Process id of the agent that runs now, other than `not`. */
  async agentPid(not?: number): Promise<number> {
    return waitFor(
      async () => {
        const pid = (await this.status()).agent?.pid;
        return pid !== not && pid;
      },
      { timeoutMs: 60_000, describe: `an agent process in ${this.home}` },
    );
  }

  /** Process id of the agent that holds the home's lock now, alive or not; without the cost of a command. */
  lockedBy(): number | undefined {
    try {
      return (JSON.parse(readFileSync(join(this.home, AGENT_LOCK), 'utf8')) as { readonly pid: number }).pid;
    } catch {
      return undefined;
    }
  }

  guid(): string {
    return readFileSync(join(this.home, 'config', 'guid.txt'), 'utf8').trim();
  }

  log(component: 'bootstrapper' | 'launcher' | 'agent'): string {
    const name = component === 'agent' ? 'go-agent.log' : `go-agent-${component}.log`;
    try {
      return readFileSync(join(this.home, 'logs', name), 'utf8');
    } catch {
      return '';
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#foreground.map((running) => running[Symbol.asyncDispose]()));
    // A bootstrapper that was killed leaves an agent behind that `stop` knows to find.
    if (this.#wasStarted || this.#foreground.length > 0) await this.stop();
  }

  #runArguments(): string[] {
    const { serverUrl, args } = this.#options;
    return ['--home', this.home, '--server-url', serverUrl, ...args];
  }

  #command(args: readonly string[]): Promise<{ readonly status: number; readonly output: string }> {
    const { command, env } = this.#options;
    const [program, ...prefix] = command;
    return runToEnd(program, [...prefix, ...args], { cwd: this.home, env });
  }
}
