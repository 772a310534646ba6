import {
  type AgentAction,
  type AgentRequest,
  type AgentRuntimeInfo,
  agentActionPath,
  type BuildWork,
  type JobIdentifier,
  MediaType,
} from '@go-agent/protocol';
import type { ServerStub } from './server-stub.ts';

export const job: JobIdentifier = {
  pipelineName: 'up42',
  pipelineCounter: 7,
  pipelineLabel: '7',
  stageName: 'stage',
  stageCounter: '1',
  buildName: 'job',
  buildId: 1234,
};

/** A job without tasks and materials. */
export const work: BuildWork = {
  type: 'BuildWork',
  consoleLogCharset: 'UTF-8',
  assignment: {
    fetchMaterials: false,
    cleanWorkingDirectory: false,
    builders: [],
    artifactPlans: [],
    artifactStores: [],
    buildWorkingDirectory: { path: 'pipelines/up42' },
    jobIdentifier: job,
    initialContext: { properties: [] },
    materialRevisions: { revisions: [] },
  },
};

/** The least of an agent, to talk to the stub. */
export class TestingAgent {
  readonly uuid = '5e9f2b1c-0a53-4d0e-8f6f-0d3f3b1c2a77';
  readonly headers: Record<string, string>;
  readonly #stub: ServerStub;
  cookie: string | undefined;

  constructor(stub: ServerStub) {
    this.#stub = stub;
    this.headers = { 'X-Agent-GUID': this.uuid, Authorization: stub.addAgent(this.uuid) };
  }

  get runtimeInfo(): AgentRuntimeInfo {
    return {
      type: 'AgentRuntimeInfo',
      identifier: { hostName: 'build-7', ipAddress: '10.0.0.17', uuid: this.uuid },
      runtimeStatus: 'Idle',
      buildingInfo: { buildingInfo: '', buildLocator: '' },
      location: '/go',
      usableSpace: 1,
      operatingSystemName: 'Linux',
      ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
    };
  }

  async call(
    action: AgentAction,
    type: AgentRequest['type'],
    { prefer, ...fields }: { readonly prefer?: string; readonly [field: string]: unknown } = {},
  ): Promise<Response> {
    return fetch(this.#stub.url + agentActionPath(action), {
      method: 'POST',
      headers: {
        ...this.headers,
        Accept: MediaType.accept,
        'Content-Type': MediaType.request,
        ...(prefer === undefined ? {} : { Prefer: prefer }),
      },
      body: JSON.stringify({ type, agentRuntimeInfo: this.runtimeInfo, ...fields }),
    });
  }

  async getCookie(): Promise<void> {
    this.cookie = await (await this.call('get_cookie', 'GetCookieRequest')).text();
  }

  async getWork(prefer?: string): Promise<unknown> {
    const response = await this.call('get_work', 'GetWorkRequest', prefer === undefined ? {} : { prefer });
    return ((await response.json()) as { type: unknown }).type;
  }
}
