import { join } from 'node:path';
import { waitFor } from '@go-agent/runtime/testing';
import { startProcess, type TestProcess } from './process.ts';

export interface TestServerOptions {
  /** Folder for its data, pipelines and bundles. */
  readonly folder: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
}

const MAIN = join(import.meta.dirname, '..', '..', '..', 'server', 'src', 'main.ts');

/** `go-server start` as a process, which can be killed and started again on the same port and data. */
export class TestServer implements AsyncDisposable {
  /** Ends in `/go`. */
  readonly url: string;
  readonly data: string;
  readonly pipelines: string;
  readonly bundles: string;
  readonly keyFile: string;
  readonly #options: TestServerOptions;
  #process: TestProcess | undefined;
  #adminToken = '';

  constructor(options: TestServerOptions) {
    const { folder, port } = options;
    this.#options = options;
    this.url = `http://127.0.0.1:${port}/go`;
    this.data = join(folder, 'server');
    this.pipelines = join(folder, 'pipelines');
    this.bundles = join(folder, 'bundles');
    this.keyFile = join(folder, 'auto-register.key');
  }

  get adminToken(): string {
    return this.#adminToken;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get logFile(): string {
    return join(this.data, 'logs', 'go-server.log');
  }

  /** Resolves when requests are answered. */
  async start(): Promise<void> {
    const { port, env, args = [], folder } = this.#options;
    const flags = {
      '--port': String(port),
      '--tls-port': 'off',
      '--data': this.data,
      '--pipelines': this.pipelines,
      '--bundles': this.bundles,
      '--auto-register-key-file': this.keyFile,
      '--log-level': 'debug',
    };
    const command = [MAIN, 'start', '--json', ...Object.entries(flags).flat(), ...args];
    const server = startProcess(process.execPath, command, { cwd: folder, env });
    this.#process = server;
    const ready = await waitFor(
      () => {
        if (!server.isRunning()) throw new Error(`The server has ended: ${server.output()}`);
        return readyLine(server.output());
      },
      { timeoutMs: 120_000, describe: 'the server to be ready' },
    );
    this.#adminToken = ready.adminToken ?? this.#adminToken;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#process?.exited;
  }

  /** Properly, by SIGTERM. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}

function readyLine(output: string): { readonly adminToken?: string } | undefined {
  const line = output.split('\n').find((text) => text.startsWith('{"event":"ready"') && text.endsWith('}'));
  return line === undefined ? undefined : (JSON.parse(line) as { readonly adminToken?: string });
}
