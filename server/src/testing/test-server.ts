import { join } from 'node:path';
import { type Clock, createLogger, systemClock } from '@go-agent/runtime';
import { tempDir } from '@go-agent/runtime/testing';
import { request } from 'undici';
import type { JobFiles, ServerCore } from '../core.ts';
import { type RunningServer, type ServerOptions, startServer } from '../start-server.ts';
import { AGENT, scriptedCore, TOKEN } from './scripted-core.ts';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface TestRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface TestServer extends AsyncDisposable {
  readonly server: RunningServer;
  readonly dataDir: string;
  readonly token: string;
  /** `path` is what follows `/go`. */
  ask(path: string, options?: TestRequest): Promise<TestAnswer>;
  /** As the agent of the scripted core. */
  asAgent(path: string, options?: TestRequest): Promise<TestAnswer>;
  /** As the administrator, in the newest API. */
  asAdmin(path: string, options?: TestRequest): Promise<TestAnswer>;
}

/** A whole server on free ports around a core, with a folder of its own; everything goes with its disposal. */
export async function testServer(
  core: ServerCore = scriptedCore(),
  options: Partial<ServerOptions> = {},
  onFiles: (files: JobFiles) => void = () => undefined,
  clock: Clock = systemClock,
): Promise<TestServer> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await tempDir());
  const dataDir = join(folder.path, 'data');
  const logger = createLogger({ file: join(folder.path, 'test.log'), name: 'test', level: 'silent' });
  const server = resources.use(
    await startServer(
      {
        dataDir,
        pipelinesDir: join(folder.path, 'pipelines'),
        bind: '127.0.0.1',
        port: 0,
        tlsPort: 'off',
        requireLogin: false,
        autoRegisterKey: '',
        autoRegisterLocalAgents: false,
        materialPollMs: 60_000,
        lostContactMs: 300_000,
        ...options,
      },
      {
        clock,
        logger,
        createCore: async ({ files }) => {
          onFiles(files);
          return core;
        },
      },
    ),
  );
  const token = server.adminToken ?? '';
  const ask = async (
    path: string,
    { method = 'GET', headers = {}, body }: TestRequest = {},
  ): Promise<TestAnswer> => {
    const answer = await request(server.url + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
  };
  const withHeaders =
    (own: Record<string, string>) =>
    (path: string, given: TestRequest = {}) =>
      ask(path, { ...given, headers: { ...own, ...given.headers } });
  const owned = resources.move();
  return {
    server,
    dataDir,
    token,
    ask,
    asAgent: withHeaders({ 'X-Agent-GUID': AGENT, Authorization: TOKEN }),
    asAdmin: withHeaders({ Authorization: `Bearer ${token}`, Accept: 'application/vnd.go.cd+json' }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
