// A valid input of every decoder of messages between the server and elastic plugins.

import type { ElasticAgent, ElasticCluster, ElasticJob, ElasticProfile } from '../elastic/index.ts';
import { v5Fixture } from './v5-fixture.ts';

const cluster: ElasticCluster = { id: 'k8s', properties: { namespace: 'ci' } };
const profile: ElasticProfile = {
  id: 'small',
  properties: { Image: 'agent' },
  policy: {
    jobsPerAgent: 1,
    idleTimeoutMs: 60_000,
    minIdle: 0,
    maxAgents: 10,
    queueTimeoutMs: 600_000,
    maxAttempts: 3,
    startTimeoutMs: 600_000,
  },
};
const job: ElasticJob = {
  jobId: 4711,
  attempt: 1,
  pipelineName: 'web',
  pipelineCounter: 17,
  pipelineLabel: 'web-17',
  stageName: 'test',
  stageCounter: 1,
  jobName: 'unit',
  queuedAt: 1,
  environment: 'prod',
  profile,
};
const agent: ElasticAgent = {
  agentId: 'a-1',
  uuid: 'u',
  clusterId: 'k8s',
  profileId: 'small',
  state: 'idle',
  enabled: true,
  environments: ['prod'],
  jobsDone: 2,
  idleSince: 1,
  startedForJobId: 4711,
};
const field = {
  key: 'Image',
  title: 'Image',
  description: 'With an agent in it',
  type: 'choice',
  required: true,
  secret: false,
  default: 'a',
  choices: ['a', 'b'],
};
const event = { clusterId: 'k8s', agentId: 'a-1', at: 1 };
const request = (file: string) => JSON.parse(v5Fixture(file).request ?? 'null');
const response = (file: string) => JSON.parse(v5Fixture(file).response ?? 'null');

const RFC = {
  decodeAgentEventParams: [
    { ...event, event: 'idle' },
    { ...event, event: 'registration-failed', reason: 'Its key was used before.' },
  ],
  decodeAgentIdsParams: [{ agentIds: ['a-1'], force: true }, { agentIds: [] }],
  decodeAgentIdsResult: [{ done: ['a-1'], refused: [{ agentId: 'a-2', reason: 'It has a job.' }] }],
  decodeAppendConsoleParams: [{ jobId: 4711, text: 'creating pod\n' }],
  decodeAskAgainParams: [{ clusterId: 'k8s' }, {}],
  decodeAssignWorkParams: [{ cluster, jobs: [job], agents: [agent], waitingCount: 1, startingCount: 0 }],
  decodeAssignWorkResult: [
    {
      decisions: [
        { action: 'assign', jobId: 4711, agentId: 'a-1' },
        { action: 'hold', jobId: 4712, agentId: 'a-2', reason: 'it is being created', askAgainMs: 30_000 },
        { action: 'wait', jobId: 4713, reason: 'limit of 50 pods reached', askAgainMs: 60_000 },
        { action: 'decline', jobId: 4714, permanent: true, reason: 'image not allowed' },
      ],
    },
    {},
  ],
  decodeClustersChangedParams: [{ clusters: [cluster] }],
  decodeCreateRegistrationKeyParams: [{ clusterId: 'k8s', profileId: 'small', agentId: 'a-1', jobId: 4711 }],
  decodeCreateRegistrationKeyResult: [
    {
      type: 'created',
      key: 'k',
      expiresAt: 1,
      serverUrl: 'https://ci.example.com/go',
      environment: 'prod',
      autoRegisterProperties: { 'agent.auto.register.key': 'k' },
      environmentVariables: { GO_EA_AUTO_REGISTER_KEY: 'k' },
    },
    { type: 'refused', reason: 'max_agents', askAgainMs: 30_000 },
  ],
  decodeInitializeParams: [
    {
      protocolVersion: 1,
      pluginId: 'p',
      serverId: 's',
      serverVersion: '1',
      serverUrl: 'https://ci.example.com/go',
      dataFolder: '/d',
      clusters: [cluster],
    },
  ],
  decodeInitializeResult: [{ clusterFields: [field], profileFields: [], statusReports: ['agent'] }],
  decodeInstanceFailedParams: [{ agentId: 'a-1', reason: 'image not found' }],
  decodeJobCancelledParams: [
    { clusterId: 'k8s', job, phase: 'waiting', agentId: 'a-1', reason: 'Cancelled.' },
  ],
  decodeJobFinishedParams: [
    { clusterId: 'k8s', job, agentId: 'a-1', result: 'passed', assignedAt: 1, finishedAt: 2 },
    { clusterId: 'k8s', job, result: 'failed', finishedAt: 2 },
  ],
  decodeJobRescheduledParams: [
    { clusterId: 'k8s', job, newJobId: 4805, agentId: 'a-1', reason: 'Its agent is lost.' },
  ],
  decodeListAgentsResult: [{ agents: [agent] }],
  decodeListInstancesParams: [{ clusters: [cluster] }],
  decodeListInstancesResult: [
    {
      clusterIds: ['k8s'],
      instances: [{ agentId: 'a-1', clusterId: 'k8s', state: 'running', startedAt: 1 }],
    },
  ],
  decodePluginManifest: [
    {
      id: 'go-agent.process',
      name: 'Processes',
      version: '1',
      dialect: 'rfc',
      command: ['${node}', '${plugin}/main.js'],
      environment: { A: 'b' },
      passEnvironment: ['KUBECONFIG'],
      memoryMiB: 256,
    },
  ],
  decodeServerInfoResult: [{ serverId: 's', serverVersion: '1', serverUrl: 'https://ci.example.com/go' }],
  decodeSetHealthParams: [{ messages: [{ type: 'error', message: 'The cluster is out of reach.' }] }],
  decodeStartAgentsParams: [{ cluster, profile, count: 2 }],
  decodeStartAgentsResult: [{ agentIds: ['a-1'], reason: 'no more room', askAgainMs: 60_000 }, {}],
  decodeStatusReportParams: [{ kind: 'agent', clusters: [cluster], agentId: 'a-1', job }],
  decodeStatusReportResult: [{ html: '<p>all well</p>' }],
  decodeStopAgentParams: [{ cluster, agentId: 'a-1', reason: 'idle-timeout', message: 'It was idle.' }],
  decodeTickParams: [
    {
      clusters: [{ cluster, load: [{ profileId: 'small', waiting: 1, starting: 0, idle: 2, building: 3 }] }],
      quietMs: 5000,
    },
  ],
  decodeValidateParams: [
    { kind: 'profile', properties: { Image: '' }, clusterProperties: { namespace: 'ci' } },
  ],
  decodeValidateResult: [{ problems: [{ key: 'Image', message: 'must not be blank' }, { message: 'no' }] }],
};

const V5 = {
  decodeV5AgentIds: [request('disable-agents'), response('list-agents')],
  decodeV5Capabilities: [response('get-capabilities')],
  decodeV5ConsoleAppend1: [request('console-append-1')],
  decodeV5ConsoleAppend2: [request('console-append-2')],
  decodeV5Fields: [response('get-cluster-profile-metadata'), response('get-elastic-agent-profile-metadata')],
  decodeV5Flag: [response('should-assign-work')],
  decodeV5HealthMessages: [request('add-health-messages')],
  decodeV5Icon: [response('get-icon')],
  decodeV5MigrateConfig: [response('migrate-config')],
  decodeV5Problems: [response('validate-cluster-profile'), response('validate-elastic-agent-profile'), []],
  decodeV5Request: [
    {
      extension: 'elastic-agent',
      extensionVersion: '5.0',
      requestBody: v5Fixture('create-agent').request,
      requestHeaders: {},
      requestParameters: {},
    },
  ],
  decodeV5Response: [{ responseCode: 200, responseBody: 'true', responseHeaders: {} }],
  decodeV5ServerRequest: [{ apiVersion: '1.0', requestBody: v5Fixture('disable-agents').request }],
  decodeV5Template: [response('get-cluster-profile-view'), response('get-elastic-agent-profile-view')],
  decodeV5View: [response('plugin-status-report'), response('agent-status-report')],
};

export const ELASTIC_EXAMPLES: Readonly<Record<string, readonly unknown[]>> = { ...RFC, ...V5 };
