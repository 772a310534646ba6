import type { ElasticAgent, ElasticJob } from '@go-agent/protocol/elastic';
import { expect, test } from 'vitest';
import { decideWork, type WorkSituation } from './decide-work.ts';

const policy = { jobsPerAgent: 1, idleTimeoutMs: 60_000, minIdle: 0, startTimeoutMs: 60_000 };

function job(jobId: number, more: { profile?: string; environment?: string } = {}): ElasticJob {
  const { profile = 'small', environment } = more;
  return {
    jobId,
    attempt: 1,
    pipelineName: 'p',
    pipelineCounter: 1,
    pipelineLabel: '1',
    stageName: 's',
    stageCounter: 1,
    jobName: `j${jobId}`,
    queuedAt: 0,
    ...(environment === undefined ? {} : { environment }),
    profile: { id: profile, properties: {}, policy },
  };
}

function agent(agentId: string, more: Partial<ElasticAgent> = {}): ElasticAgent {
  return {
    agentId,
    uuid: agentId,
    clusterId: 'c',
    profileId: 'small',
    state: 'idle',
    enabled: true,
    environments: [],
    jobsDone: 0,
    idleSince: 1,
    ...more,
  };
}

function coming(
  agentId: string,
  more: { jobId?: number; profileId?: string; environment?: string; isWarm?: boolean } = {},
) {
  return { agentId, profileId: 'small', expiresAt: 1e9, isWarm: false, ...more };
}

/** One word for each job. */
function decide(situation: Partial<WorkSituation>): string[] {
  const steps = decideWork({ jobs: [], agents: [], starting: [], trouble: () => null, ...situation });
  return steps.map((step) => {
    if (step.type === 'start') return `start ${step.job.jobId}`;
    if (step.type === 'claim') return `claim ${step.agentId}`;
    const { decision } = step;
    if (decision.action === 'assign') return `assign ${decision.agentId}`;
    return decision.action === 'hold' ? `hold ${decision.agentId}` : `${decision.action}: ${decision.reason}`;
  });
}

test('an idle agent of the profile is assigned, and for the rest agents are started', () => {
  expect(decide({ jobs: [job(1), job(2)], agents: [agent('a')] })).toEqual(['assign a', 'start 2']);
});

test.each([
  ['of another profile', { profileId: 'big' }],
  ['that is disabled', { enabled: false }],
  ['that is building', { state: 'building' }],
  ['of an environment, for a job of none', { environments: ['prod'] }],
] as const)('an agent %s is not assigned', (_, more) => {
  expect(decide({ jobs: [job(1)], agents: [agent('a', more)] })).toEqual(['start 1']);
});

test('a job of an environment takes an agent that is in it', () => {
  const agents = [
    agent('none'),
    agent('other', { environments: ['test'] }),
    agent('both', { environments: ['test', 'prod'] }),
  ];
  expect(decide({ jobs: [job(1, { environment: 'prod' })], agents })).toEqual(['assign both']);
});

test.each([
  ['of the other case', { environments: ['PROD'], jobsDone: 1 }, 'assign a'],
  ['of none, started for no job, that had none', {}, 'assign a'],
  ['of none that had a job', { jobsDone: 1 }, 'start 1'],
  ['of none that was started for another job', { startedForJobId: 2 }, 'start 1'],
  ['of another, although it had no job', { environments: ['test'] }, 'start 1'],
] as const)('a job of an environment, and an agent %s', (_, more, step) => {
  expect(decide({ jobs: [job(1, { environment: 'prod' })], agents: [agent('a', more)] })).toEqual([step]);
});

test('agents that can have jobs of one environment only are taken before those that may join any', () => {
  const agents = [agent('warm', { idleSince: 9 }), agent('none', { jobsDone: 1 })];
  const jobs = [job(1), job(2, { environment: 'prod' })];
  expect(decide({ jobs, agents })).toEqual(['assign none', 'assign warm']);
  const starting = [coming('warm', { isWarm: true }), coming('none')];
  expect(decide({ jobs, starting })).toEqual(['claim none', 'claim warm']);
});

test('an agent on its way for nobody is claimed by a job of an environment only if its key names no job', () => {
  const jobs = [job(1, { environment: 'prod' })];
  expect(decide({ jobs, starting: [coming('a')] })).toEqual(['start 1']);
  expect(decide({ jobs, starting: [coming('a', { isWarm: true })] })).toEqual(['claim a']);
});

test('the agent that was started for the job comes first, those that were started for other waiting jobs last', () => {
  const agents = [
    agent('for-2', { startedForJobId: 2, idleSince: 9 }),
    agent('for-1', { startedForJobId: 1 }),
    agent('free', { idleSince: 5, jobsDone: 1 }),
  ];
  expect(decide({ jobs: [job(1), job(2)], agents })).toEqual(['assign for-1', 'assign for-2']);
  expect(decide({ jobs: [job(3), job(2)], agents })).toEqual(['assign free', 'assign for-2']);
});

test('among equals the agent that worked last is taken, so that others become idle for long enough to go', () => {
  const agents = [
    agent('a', { idleSince: 10 }),
    agent('b', { idleSince: 30 }),
    agent('c', { idleSince: 20 }),
  ];
  expect(decide({ jobs: [job(1)], agents })).toEqual(['assign b']);
});

test('a job is held while its agent is on its way, and no second one is started', () => {
  expect(decide({ jobs: [job(1)], starting: [coming('a', { jobId: 1 })] })).toEqual(['hold a']);
});

test('an agent on its way for nobody is claimed by the first that it suits', () => {
  const starting = [
    coming('big', { profileId: 'big' }),
    coming('prod', { environment: 'prod' }),
    coming('warm'),
  ];
  expect(decide({ jobs: [job(1), job(2)], starting })).toEqual(['claim warm', 'start 2']);
});

test('what was started for a job that gets another agent is free for the next job', () => {
  const starting = [coming('late', { jobId: 1 })];
  expect(decide({ jobs: [job(1), job(2)], agents: [agent('idle')], starting })).toEqual([
    'assign idle',
    'claim late',
  ]);
});

test('while starting fails, jobs wait with the reason, but agents that are there still work', () => {
  const trouble = () => ({ type: 'wait', reason: 'the cloud is full', askAgainMs: 5000 }) as const;
  expect(decide({ jobs: [job(1), job(2)], agents: [agent('a')], trouble })).toEqual([
    'assign a',
    'wait: the cloud is full',
  ]);
});

test('a job whose profile makes no sense is declined with what is wrong', () => {
  const trouble = () => ({ type: 'decline', reason: 'Image must be given.' }) as const;
  expect(decide({ jobs: [job(1)], trouble })).toEqual(['decline: Image must be given.']);
});
