// The server's side of the bench: its keys, agents and jobs, without a scheduler.
import {
  type CreateRegistrationKeyParams,
  type CreateRegistrationKeyResult,
  decodeAskAgainParams,
  decodeCreateRegistrationKeyParams,
  decodeInstanceFailedParams,
  type ElasticAgent,
  ServerMethod,
} from '@go-agent/protocol/elastic';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { FrameCheck } from './frame-check.ts';
import { type CallTimes, PluginCalls } from './plugin-calls.ts';
import type { PluginEnd } from './plugin-process.ts';
import type { Violations } from './rules.ts';

export interface IssuedKey {
  readonly agentId: string;
  readonly profileId: string;
  readonly jobId?: number;
  readonly key: string;
}

const ID = /^[\w.-]{1,255}$/;
const KEY_LIFE_MS = 30 * 60_000;

export class BenchServer {
  readonly serverId: string;
  readonly pluginId: string;
  readonly violations: Violations;
  /** Of agents that are on their way, by agent id. */
  readonly starting = new Map<string, IssuedKey>();
  /** Registered ones, by agent id. */
  readonly agents = new Map<string, ElasticAgent>();
  /** What failed, by agent id, with the reason given. */
  readonly failed = new Map<string, string>();
  /** All that may not show anywhere. */
  readonly secrets: Set<string>;
  readonly took: CallTimes = new Map();
  maxAgents = Number.POSITIVE_INFINITY;
  /** Moved on by the one who plays; milliseconds since the epoch. */
  now: number;
  /** Jobs to be asked about again now. */
  askAgain = false;
  readonly #everIds = new Set<string>();
  #keys = 0;
  /** Refused since the last call began, by job. */
  readonly #refused = new Set<number>();

  constructor(options: {
    readonly serverId: string;
    readonly pluginId: string;
    readonly violations: Violations;
    readonly secrets: Iterable<string>;
    readonly now: number;
  }) {
    this.serverId = options.serverId;
    this.pluginId = options.pluginId;
    this.violations = options.violations;
    this.secrets = new Set(options.secrets);
    this.now = options.now;
  }

  /** Talks to a plugin from now on. */
  connect(plugin: PluginEnd): PluginCalls {
    const { from, to } = plugin.messages;
    const connection = createMessageConnection(new StreamMessageReader(from), new StreamMessageWriter(to));
    connection.onRequest(ServerMethod.createRegistrationKey, (params: unknown): unknown =>
      this.#createKey(decodeCreateRegistrationKeyParams(params)),
    );
    connection.onRequest(ServerMethod.instanceFailed, (params: unknown) => {
      const { agentId, reason } = decodeInstanceFailedParams(params);
      this.#leaks(reason, 'instance-failed');
      this.starting.delete(agentId);
      this.failed.set(agentId, reason);
      return null;
    });
    connection.onRequest(ServerMethod.askAgain, (params: unknown) => {
      decodeAskAgainParams(params);
      this.askAgain = true;
      return null;
    });
    this.#answerTheRest(connection);
    const frames = new FrameCheck();
    from.on('data', (chunk: Buffer) => {
      const other = frames.see(chunk);
      if (other === undefined) return;
      this.violations.add('speaks-frames', `it printed ${JSON.stringify(other)}`);
      // From here on, nobody can say what is a message: the calls that wait fail.
      connection.dispose();
    });
    // What cannot be read is told by the frames.
    connection.onError(() => undefined);
    connection.listen();
    return new PluginCalls(connection, this.violations, this.took);
  }

  /** Before each assign-work. */
  newCall(): void {
    this.#refused.clear();
  }

  /** The agent has used its key. */
  register(agentId: string, environments: readonly string[]): ElasticAgent {
    const key = this.starting.get(agentId);
    this.starting.delete(agentId);
    const agent: ElasticAgent = {
      agentId,
      uuid: `uuid-of-${agentId}`,
      clusterId: 'bench',
      profileId: key?.profileId ?? '',
      state: 'idle',
      enabled: true,
      environments,
      jobsDone: 0,
      idleSince: this.now,
      ...(key?.jobId === undefined ? {} : { startedForJobId: key.jobId }),
    };
    this.agents.set(agentId, agent);
    return agent;
  }

  /** Whatever a plugin wrote or said must be free of keys and secret properties. */
  checkSecrets(text: string, where: string): void {
    this.#leaks(text, where);
  }

  #createKey(params: CreateRegistrationKeyParams): CreateRegistrationKeyResult {
    const { agentId, profileId, jobId } = params;
    if (!ID.test(agentId)) this.violations.add('new-ids', `the id "${agentId}" has other characters`);
    if (this.#everIds.has(agentId)) this.violations.add('new-ids', `the id ${agentId} was used before`);
    this.#everIds.add(agentId);
    if (jobId !== undefined) {
      if ([...this.starting.values()].some((key) => key.jobId === jobId)) {
        this.violations.add('one-key-a-job', `job ${jobId} has an agent on its way already`);
      }
      if (this.#refused.has(jobId)) {
        this.violations.add('takes-no-for-an-answer', `a key for job ${jobId} was asked for again at once`);
      }
    }
    const count = this.starting.size + this.agents.size;
    if (count >= this.maxAgents) {
      if (jobId !== undefined) this.#refused.add(jobId);
      return {
        type: 'refused',
        reason: `The limit of ${this.maxAgents} agents is reached`,
        askAgainMs: 60_000,
      };
    }
    const key = `bench-key-${++this.#keys}-${this.serverId}`;
    this.secrets.add(key);
    this.starting.set(agentId, { agentId, profileId, key, ...(jobId === undefined ? {} : { jobId }) });
    const serverUrl = 'http://127.0.0.1:9/go';
    return {
      type: 'created',
      key,
      expiresAt: this.now + KEY_LIFE_MS,
      serverUrl,
      autoRegisterProperties: {
        'agent.auto.register.key': key,
        'agent.auto.register.elasticAgent.agentId': agentId,
        'agent.auto.register.elasticAgent.pluginId': this.pluginId,
      },
      environmentVariables: {
        GO_EA_SERVER_URL: serverUrl,
        GO_EA_AUTO_REGISTER_KEY: key,
        GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID: agentId,
        GO_EA_AUTO_REGISTER_ELASTIC_PLUGIN_ID: this.pluginId,
      },
    };
  }

  #answerTheRest(connection: MessageConnection): void {
    connection.onRequest(ServerMethod.listAgents, () => ({ agents: [...this.agents.values()] }));
    connection.onRequest(ServerMethod.serverInfo, () => ({
      serverId: this.serverId,
      serverVersion: 'bench',
      serverUrl: 'http://127.0.0.1:9/go',
    }));
    connection.onRequest(ServerMethod.appendConsole, () => null);
    connection.onRequest(ServerMethod.setHealth, () => null);
    connection.onRequest(ServerMethod.disableAgents, () => ({ done: [], refused: [] }));
    connection.onRequest(ServerMethod.deleteAgents, () => ({ done: [], refused: [] }));
  }

  #leaks(text: string, where: string): void {
    for (const secret of this.secrets) {
      if (text.includes(secret))
        this.violations.add('keeps-secrets', `${where} shows a key or a secret property`);
    }
  }
}
