// A core on real files, a real database and real git, with a clock that stands still. For tests.

import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentRuntimeInfo, BuildWork, JobIdentifier, Work } from '@go-agent/protocol';
import { createLogger } from '@go-agent/runtime';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import type { CoreOptions, Hold, RegistrationForm, ServerCore } from '../core.ts';
import type { JobView, PipelineInstanceView } from '../domain/views.ts';
import { type CoreDeps, createCore } from './create-core.ts';

const KEY = 'auto-register-key';

/** Two pipelines, of which the second follows the first. */
export const TWO = `
pipelines:
  up:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, ignore: ["docs/**"]}}
    stages:
      - build: {tasks: [{exec: {command: make}}]}
      - release: {approval: manual, tasks: [{exec: {command: make}}]}
  down:
    group: g
    materials: {upstream: {pipeline: up, stage: build}}
    stages:
      - use: {tasks: [{fetch: {pipeline: up, stage: build, job: build, source: out}}]}
`;

export interface TestAgent {
  readonly info: AgentRuntimeInfo;
}

export class CoreFixture implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly sealed: number[] = [];
  readonly notes: string[] = [];
  readonly folder: string;
  readonly repository: string;
  #core: ServerCore | undefined;
  readonly #stack: AsyncDisposableStack;

  constructor(folder: string, stack: AsyncDisposableStack) {
    this.folder = folder;
    this.repository = join(folder, 'repository');
    this.#stack = stack;
  }

  static async make(): Promise<CoreFixture> {
    const stack = new AsyncDisposableStack();
    const { path } = stack.use(await tempDir());
    const fixture = new CoreFixture(path, stack);
    git(path, 'init', '--quiet', '--initial-branch=main', fixture.repository);
    await fixture.commit('first');
    return fixture;
  }

  get core(): ServerCore {
    if (this.#core === undefined) throw new Error('The core has not been started');
    return this.#core;
  }

  async start(options: Partial<CoreOptions> = {}, providers?: CoreDeps['providers']): Promise<ServerCore> {
    const logger = createLogger({ file: join(this.folder, 'server.log'), name: 'test', level: 'silent' });
    this.#core = await createCore(
      {
        dataDir: join(this.folder, 'data'),
        pipelinesDir: join(this.folder, 'pipelines'),
        serverUrl: 'http://localhost:8153/go',
        autoRegisterKey: KEY,
        autoRegisterLocalAgents: false,
        materialPollMs: 60_000,
        lostContactMs: 300_000,
        files: {
          seal: async (job) => void this.sealed.push(job.jobId),
          note: async (_job, line) => void this.notes.push(line),
        },
        ...options,
      },
      { clock: this.clock, logger, ...(providers === undefined ? {} : { providers }) },
    );
    return this.#core;
  }

  /** Ends the core and makes another on the same data. */
  async restart(options: Partial<CoreOptions> = {}, providers?: CoreDeps['providers']): Promise<ServerCore> {
    await this.#core?.[Symbol.asyncDispose]();
    this.#core = undefined;
    return this.start(options, providers);
  }

  async pipelineFile(name: string, text: string): Promise<void> {
    await mkdir(join(this.folder, 'pipelines'), { recursive: true });
    await writeFile(join(this.folder, 'pipelines', name), text.replaceAll('REPOSITORY', this.repository));
  }

  async commit(message: string, file = `${message}.txt`): Promise<string> {
    await mkdir(join(this.repository, file, '..'), { recursive: true });
    await writeFile(join(this.repository, file), message);
    git(this.repository, 'add', '.');
    git(
      this.repository,
      '-c',
      'user.name=Ann',
      '-c',
      'user.email=ann@example.com',
      'commit',
      '--quiet',
      '-m',
      message,
    );
    return git(this.repository, 'rev-parse', 'HEAD').trim();
  }

  async agent(uuid: string, form: Partial<RegistrationForm> = {}): Promise<TestAgent> {
    const token = await this.core.agents.token(uuid);
    await this.core.agents.register(
      registrationForm(uuid, { token: token.type === 'issued' ? token.token : '', ...form }),
    );
    return { info: runtimeInfo(uuid, await this.core.agents.newCookie(uuid)) };
  }

  work({ info }: TestAgent, hold: Hold = NOT_HELD): Promise<Work> {
    return this.core.work.work(info, hold);
  }

  /** Runs the agent's next job to its end. */
  async runJob(agent: TestAgent, result: 'Passed' | 'Failed' = 'Passed'): Promise<JobIdentifier> {
    const { assignment } = asBuildWork(await this.work(agent));
    const { jobIdentifier } = assignment;
    await this.core.work.reportState(agent.info, jobIdentifier, 'Preparing');
    await this.core.work.reportState(agent.info, jobIdentifier, 'Building');
    await this.core.work.reportCompleting(agent.info, jobIdentifier, result);
    await this.core.work.reportCompleted(agent.info, jobIdentifier, result);
    return jobIdentifier;
  }

  /** The instance, as soon as there is one. */
  async instance(pipeline: string, counter = 1): Promise<PipelineInstanceView> {
    return waitFor(async () => this.core.pipelines.instance(pipeline, counter));
  }

  async job(pipeline: string, stage: string, job: string): Promise<JobView | undefined> {
    return this.core.pipelines.findJob({ pipeline, counter: 'latest', stage, stageCounter: 'latest', job });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#core?.[Symbol.asyncDispose]();
    await this.#stack.disposeAsync();
  }
}

export const NOT_HELD: Hold = { waitMs: 0, signal: new AbortController().signal };

export function asBuildWork(work: Work): BuildWork {
  if (work.type !== 'BuildWork') throw new Error(`There is ${work.type} instead of a job`);
  return work;
}

export function registrationForm(uuid: string, form: Partial<RegistrationForm> = {}): RegistrationForm {
  return {
    hostName: `host-${uuid}`,
    uuid,
    location: `/home/${uuid}`,
    usableSpace: '1000',
    operatingSystem: 'Linux',
    autoRegisterKey: KEY,
    autoRegisterResources: [],
    autoRegisterEnvironments: [],
    autoRegisterHostName: '',
    isLocal: false,
    elasticAgentId: '',
    elasticPluginId: '',
    token: '',
    ipAddress: '10.0.0.1',
    ...form,
  };
}

export function runtimeInfo(uuid: string, cookie: string, building?: string): AgentRuntimeInfo {
  return {
    type: 'AgentRuntimeInfo',
    identifier: { hostName: `host-${uuid}`, ipAddress: '10.0.0.1', uuid },
    runtimeStatus: building === undefined ? 'Idle' : 'Building',
    buildingInfo: { buildingInfo: building ?? '', buildLocator: building ?? '' },
    location: `/home/${uuid}`,
    usableSpace: 1000,
    operatingSystemName: 'Linux',
    cookie,
  };
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
}
