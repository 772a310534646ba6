import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WaitForOptions, waitFor } from '@go-agent/runtime/testing';
import { ApiClient } from './api-client.ts';
import type { AgentShape, JobLocator, StageShape } from './api-shapes.ts';
import { EventLog } from './event-log.ts';
import { createGitRepository, type GitRepository } from './git-repository.ts';
import { lastLines } from './last-lines.ts';
import { TestAgent } from './test-agent.ts';
import { TestServer } from './test-server.ts';

export interface SystemOptions {
  /** How many agents run, each with a home of its own. Default 1. */
  readonly agents?: number;
  /** Default: agents come with the server's auto-register key. */
  readonly autoRegister?: boolean;
  readonly serverArgs?: readonly string[];
  /** Further arguments of `go-agent run`. */
  readonly agentArgs?: readonly string[];
  /** The agents' bootstrapper. Default: the script, by this process's Node. */
  readonly agentCommand?: readonly [string, ...string[]];
  /** What the agents' environment has beside or instead of the system's. */
  readonly agentEnv?: NodeJS.ProcessEnv;
}

/** Stages in the words of a pipeline file. */
export type Stages = readonly Readonly<Record<string, unknown>>[];

/** A server and agents, all of them real processes in folders of their own. */
export class TestSystem implements AsyncDisposable {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly server: TestServer;
  readonly api: ApiClient;
  readonly events: EventLog;
  readonly repository: GitRepository;
  readonly agents: TestAgent[] = [];
  readonly #options: SystemOptions;
  readonly #resources: AsyncDisposableStack;

  /** @param resources what ends with the system; it gets the system's processes */
  constructor(folder: string, port: number, options: SystemOptions, resources: AsyncDisposableStack) {
    this.folder = folder;
    this.#options = options;
    this.#resources = resources;
    this.env = {
      PATH: process.env['PATH'],
      HOME: join(folder, 'user'),
      LANG: 'C.UTF-8',
      TMPDIR: tmpdir(),
      SCENARIO: folder,
    };
    this.server = resources.use(
      new TestServer({ folder, port, env: this.env, args: options.serverArgs ?? [] }),
    );
    this.api = new ApiClient(this.server.url, () => this.server.adminToken);
    this.events = resources.use(new EventLog(this.server.url));
    this.repository = createGitRepository(join(folder, 'repository'));
  }

  get agent(): TestAgent {
    const [first] = this.agents;
    if (first === undefined) throw new Error('This system has no agent');
    return first;
  }

  /**
   * A new home for an agent; nothing runs in it yet.
   * @param serverUrl by which it reaches the server, should that not be the direct way
   */
  addAgent(args: readonly string[] = [], serverUrl = this.server.url): TestAgent {
    const { autoRegister = true, agentArgs = [], agentCommand, agentEnv } = this.#options;
    const agent = new TestAgent({
      home: join(this.folder, `agent-${this.agents.length + 1}`),
      command: agentCommand ?? [process.execPath, join(this.folder, 'go-agent', 'go-agent.mjs')],
      serverUrl,
      env: { ...this.env, ...agentEnv },
      args: [
        ...(autoRegister ? ['--auto-register-key-file', this.server.keyFile] : []),
        ...agentArgs,
        ...args,
      ],
    });
    this.agents.push(this.#resources.use(agent));
    return agent;
  }

  /**
   * Writes a pipeline file and waits until the server knows the pipeline. Its material is the scenario's repository, and it
   * runs when it is triggered only: by default the repository is not polled, and another pipeline's look at it starts nothing.
   */
  async definePipeline(
    name: string,
    stages: Stages,
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const materials = { code: { git: this.repository.url, branch: 'main', auto_update: false } };
    const byHand = stages.map((stage, i) => (i === 0 ? withManualApproval(stage) : stage));
    const pipeline = { group: 'scenario', materials, stages: byHand, ...more };
    const definition = { format_version: 10, pipelines: { [name]: pipeline } };
    await this.writePipelineFile(`${name}.gocd.yaml`, JSON.stringify(definition, null, 2));
    await this.wait(async () => (await this.api.ask(`/api/pipelines/${name}/status`)).status === 200, {
      describe: `pipeline ${name} to be known`,
    });
  }

  async writePipelineFile(file: string, text: string): Promise<void> {
    await writeFile(join(this.server.pipelines, file), text);
  }

  /** Resolves to the counter of the instance that came of it. */
  async trigger(pipeline: string, options?: Readonly<Record<string, unknown>>): Promise<number> {
    const before = await this.#newest(pipeline);
    await this.api.send('POST', `/api/pipelines/${pipeline}/schedule`, options);
    return this.wait(
      async () => {
        const newest = await this.#newest(pipeline);
        return newest > before && newest;
      },
      { describe: `an instance of ${pipeline}` },
    );
  }

  stage(pipeline: string, counter: number, stage: string, run = 1): Promise<StageShape> {
    return this.api.get(`/api/stages/${pipeline}/${counter}/${stage}/${run}`);
  }

  /** Resolves when the stage is over. */
  async waitForStage(
    pipeline: string,
    counter: number,
    stage: string,
    { timeoutMs = 120_000 }: WaitForOptions = {},
  ): Promise<StageShape> {
    return this.wait(
      async () => {
        const answer = await this.api.ask(`/api/stages/${pipeline}/${counter}/${stage}/1`);
        if (answer.status !== 200) return undefined;
        const shape = JSON.parse(answer.text) as StageShape;
        return shape.result === 'Unknown' ? undefined : shape;
      },
      { timeoutMs, intervalMs: 25, describe: `stage ${pipeline}/${counter}/${stage} to end` },
    );
  }

  /**
   * Resolves when the stage has passed.
   * @throws Error with the consoles of its jobs if it has not
   */
  async waitForPass(
    pipeline: string,
    counter: number,
    stage: string,
    options: WaitForOptions = {},
  ): Promise<StageShape> {
    const shape = await this.waitForStage(pipeline, counter, stage, options);
    if (shape.result === 'Passed') return shape;
    const consoles = await Promise.all(
      shape.jobs.map(({ name }) => this.console({ pipeline, counter, stage, job: name })),
    );
    throw new Error(`${pipeline}/${counter}/${stage} has ${shape.result}:\n${consoles.join('\n')}`);
  }

  async waitForAgent(
    agent: TestAgent,
    is: (shape: AgentShape) => boolean,
    { timeoutMs = 60_000, describe = 'the agent to get there' }: WaitForOptions = {},
  ): Promise<AgentShape> {
    return this.wait(
      async () => {
        const shape = (await this.agentShapes()).find(({ sandbox }) => sandbox === agent.home);
        if (shape !== undefined && is(shape)) return shape;
        throw new Error(shape === undefined ? 'The server does not know it' : JSON.stringify(shape));
      },
      { timeoutMs, describe },
    );
  }

  /** Registered, it is idle at once; it also has asked for work or said that it lives, so its registration is behind it. */
  waitForIdle(agent: TestAgent = this.agent, options: WaitForOptions = {}): Promise<AgentShape> {
    const isIdle = (shape: AgentShape) => shape.display_state === 'idle' && shape.agent_version !== '';
    return this.waitForAgent(agent, isIdle, {
      describe: 'an idle agent',
      ...options,
    });
  }

  async agentShapes(): Promise<readonly AgentShape[]> {
    const all = await this.api.get<{ _embedded: { agents: readonly AgentShape[] } }>('/api/agents');
    return all._embedded.agents;
  }

  /** Path of a job's file below `/go`. */
  file({ pipeline, counter, stage, job }: JobLocator, path: string): string {
    return `/files/${pipeline}/${counter}/${stage}/1/${job}/${path}`;
  }

  /** What the server has of the job's console so far. */
  async console(job: JobLocator): Promise<string> {
    const answer = await this.api.ask(this.file(job, 'cruise-output/console.log'), { accept: '*/*' });
    return answer.status === 200 ? answer.text : '';
  }

  /** `waitFor`, with the ends of the logs in the error message. */
  async wait<T>(check: () => T | Promise<T>, options: WaitForOptions): ReturnType<typeof waitFor<T>> {
    try {
      // Patient: the machine may be busy with other things.
      return await waitFor(check, { timeoutMs: 60_000, intervalMs: 20, ...options });
    } catch (error) {
      const logs = [
        lastLines(this.server.logFile, 15),
        ...this.agents.map(({ home }) => lastLines(join(home, 'logs', 'go-agent.log'), 15)),
        ...this.agents.map(({ home }) => lastLines(join(home, 'logs', 'go-agent-launcher.log'), 5)),
      ];
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs.join('\n')}`, {
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }

  async #newest(pipeline: string): Promise<number> {
    const history = await this.api.get<{ pipelines: readonly { counter: number }[] }>(
      `/api/pipelines/${pipeline}/history`,
    );
    return history.pipelines[0]?.counter ?? 0;
  }
}

function withManualApproval(stage: Stages[number]): Stages[number] {
  return Object.fromEntries(
    Object.entries(stage).map(([name, body]) => [name, { approval: 'manual', ...(body as object) }]),
  );
}
