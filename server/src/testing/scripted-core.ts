import type { ServerCore, ServerEvent } from '../core.ts';
import type { AgentView, JobView, PipelineInstanceView, StageView } from '../domain/views.ts';
import { scriptedElastic } from './scripted-elastic.ts';

export const AGENT = '5e9f2b1c-0a53-4d0e-8f6f-0d3f3b1c2a77';
export const TOKEN = 'agent-token=';

export const JOB: JobView = {
  pipeline: 'app',
  counter: 7,
  label: '1.0.7',
  stage: 'test',
  stageCounter: 1,
  job: 'unit',
  jobId: 42,
  state: 'building',
  result: 'unknown',
  scheduledAt: 1_000,
  agentUuid: AGENT,
  transitions: [{ id: 1, state: 'scheduled', at: 1_000 }],
  superseded: false,
};

export const STAGE: StageView = {
  id: 12,
  name: 'test',
  counter: 1,
  state: 'building',
  approval: 'success',
  approvedBy: 'changes',
  scheduled: true,
  canRun: false,
  createdAt: 1_000,
  jobs: [JOB],
};

const INSTANCE: PipelineInstanceView = {
  id: 5,
  name: 'app',
  group: 'main',
  counter: 7,
  label: '1.0.7',
  scheduledAt: 1_000,
  buildCause: { approver: 'admin', message: 'Forced by admin', triggerForced: true, materialRevisions: [] },
  stages: [STAGE],
};

export const AGENT_VIEW: AgentView = {
  uuid: AGENT,
  hostName: 'build-7',
  ipAddress: '127.0.0.1',
  sandbox: '/agent',
  operatingSystem: 'Linux',
  freeSpace: 1_000_000,
  agentVersion: '1',
  bootstrapperVersion: '1',
  configState: 'enabled',
  state: 'preparing',
  resources: ['linux'],
  environments: [],
  building: JOB,
};

export interface CoreScript {
  readonly agents?: Partial<ServerCore['agents']>;
  readonly work?: Partial<ServerCore['work']>;
  readonly pipelines?: Partial<ServerCore['pipelines']>;
  readonly rollout?: Partial<ServerCore['rollout']>;
}

const done = async () => ({ type: 'ok', value: undefined, message: 'done' }) as const;

const newestForAll: ServerCore['rollout'] = {
  decide: (_agent, [newest]) =>
    newest === undefined
      ? { type: 'keep', why: 'there is none' }
      : { type: 'offer', version: newest.version, why: 'it is the newest release' },
  onChange: () => undefined,
  status: (releases) => ({ state: { pins: [] }, releases, agents: [], tally: { passed: 0, failed: 0 } }),
  start: done,
  resume: done,
  end: done,
  freeze: done,
  unfreeze: done,
  pin: done,
  unpin: done,
};

/** A core with one agent and one job, whose answers a test may replace: for what the real one does not do on demand. */
export function scriptedCore(script: CoreScript = {}): ServerCore {
  const listeners = new Set<(event: ServerEvent) => void>();
  const ok = { type: 'ok', value: undefined, message: 'done' } as const;
  const isJob = (name: string) => name.toLowerCase() === JOB.job;
  return {
    agents: {
      token: async () => ({ type: 'issued', token: TOKEN }),
      register: async () => ({ type: 'registered' }),
      authenticate: (uuid, token) => uuid === AGENT && token === TOKEN,
      newCookie: async () => 'cookie-1',
      ping: async () => 'NONE',
      list: async () => [AGENT_VIEW],
      get: async (uuid) => (uuid === AGENT ? AGENT_VIEW : undefined),
      update: async () => ({ ...ok, value: AGENT_VIEW }),
      killRunningTasks: async () => ok,
      remove: async () => ok,
      ...script.agents,
    },
    work: {
      work: async () => ({ type: 'NoWork' }),
      reportState: async () => undefined,
      reportCompleting: async () => undefined,
      reportCompleted: async () => undefined,
      isIgnored: async () => false,
      releaseHeldRequests: () => undefined,
      noteConsoleActivity: () => undefined,
      ...script.work,
    },
    pipelines: {
      trigger: async (pipeline) =>
        pipeline === 'app'
          ? ok
          : { type: 'not-found', message: `Pipeline with name '${pipeline}' was not found!` },
      names: () => [{ name: 'app', group: 'main' }],
      status: async (name) =>
        name === 'app' ? { name, group: 'main', paused: false, locked: false, schedulable: true } : undefined,
      stageStatuses: async () => {
        const run = { counter: INSTANCE.counter, label: INSTANCE.label, stage: STAGE };
        return [{ pipeline: 'app', stage: STAGE.name, jobs: [JOB.job], newest: run, last: run }];
      },
      pause: async () => ok,
      unpause: async () => ok,
      history: async (_name, { after }) =>
        after === undefined
          ? { instances: [INSTANCE], hasNewer: false, hasOlder: true }
          : { instances: [], hasNewer: true, hasOlder: false },
      instance: async (_name, counter) => (counter === 7 ? INSTANCE : undefined),
      stage: async (_name, counter) => (counter === 7 ? STAGE : undefined),
      runStage: async () => ({ ...ok, value: 2 }),
      cancelStage: async () => ok,
      findJob: async ({ job, counter }) =>
        isJob(job) && (counter === 7 || counter === 'latest') ? JOB : undefined,
      job: async (jobId) => (jobId === JOB.jobId ? JOB : undefined),
      ...script.pipelines,
    },
    events: {
      publish: (event) => {
        for (const listener of listeners) listener(event);
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return { [Symbol.dispose]: () => void listeners.delete(listener) };
      },
    },
    rollout: { ...newestForAll, ...script.rollout },
    elastic: scriptedElastic(),
    encrypt: (value) => value,
    waits: () => () => undefined,
    health: () => [],
    services: [],
    [Symbol.asyncDispose]: async () => undefined,
  };
}
