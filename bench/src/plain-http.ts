import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';

/** As many as the agent has transfers at the same time. */
const LANES = 4;

/** A server that only stores and sends, in a process of its own, and a client for it. */
export class PlainHttp implements AsyncDisposable {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: LANES });
  readonly #end: () => Promise<void>;

  private constructor(port: number, end: () => Promise<void>) {
    this.#port = port;
    this.#end = end;
  }

  static async start(folder: string): Promise<PlainHttp> {
    const main = join(import.meta.dirname, 'plain-server', 'main.ts');
    const child = spawn(process.execPath, [main, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new PlainHttp(Number(line), async () => {
      child.kill('SIGKILL');
      await exited;
    });
  }

  /** Sends a file, or all that is in a folder. */
  async put(source: string): Promise<void> {
    await this.#each(source, async (path, name) => {
      const { size } = await stat(path);
      const message = this.#request('PUT', name, { 'Content-Length': size });
      const answered = once(message, 'response') as Promise<[IncomingMessage]>;
      await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), message);
      await (await answered)[0].resume().toArray();
    });
  }

  /** Gets what `put` has sent of `source`, into `target`. */
  async get(source: string, target: string): Promise<void> {
    await this.#each(source, async (_path, name) => {
      await mkdir(dirname(join(target, name)), { recursive: true });
      const message = this.#request('GET', name, {}).end();
      const [answer] = (await once(message, 'response')) as [IncomingMessage];
      await pipeline(answer, createWriteStream(join(target, name)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    await this.#end();
  }

  #request(method: string, name: string, headers: Record<string, number>) {
    return request({
      method,
      host: '127.0.0.1',
      port: this.#port,
      path: encodeURI(`/${name}`),
      headers,
      agent: this.#agent,
    });
  }

  async #each(source: string, work: (path: string, name: string) => Promise<void>): Promise<void> {
    const found = await readdir(source, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const paths = found
      ?.filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name)) ?? [source];
    const next = paths.values();
    const lane = async () => {
      for (const path of next) await work(path, relative(dirname(source), path));
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
}
