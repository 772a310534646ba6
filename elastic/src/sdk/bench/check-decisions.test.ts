import type { ElasticAgent } from '@go-agent/protocol/elastic';
import { expect, test } from 'vitest';
import { job, profile } from '../../testing/kit-bench.ts';
import { checkDecisions } from './check-decisions.ts';

function violations(environment: string | undefined, more: Partial<ElasticAgent>): string[] {
  const agent: ElasticAgent = {
    agentId: 'a',
    uuid: 'u',
    clusterId: 'c1',
    profileId: profile.id,
    state: 'idle',
    enabled: true,
    environments: [],
    jobsDone: 0,
    ...more,
  };
  const asked = { ...job(1), ...(environment === undefined ? {} : { environment }) };
  const decisions = [{ action: 'assign', jobId: 1, agentId: 'a' }] as const;
  return checkDecisions({ jobs: [asked], agents: [agent] }, decisions, new Set()).map(({ rule }) => rule);
}

test.each([
  ['a warm agent joins the environment of its first job', 'prod', {}],
  ['names of environments have no case', 'prod', { environments: ['Prod'], jobsDone: 1 }],
  ['an agent of no environment has jobs of none', undefined, { jobsDone: 1 }],
] as const)('%s: no violation', (_, environment, more) => {
  expect(violations(environment, more)).toEqual([]);
});

test.each([
  ['an agent of no environment that had a job', 'prod', { jobsDone: 1 }],
  ['an agent of another environment', 'prod', { environments: ['test'] }],
  ['an agent of an environment for a job of none', undefined, { environments: ['test'], jobsDone: 1 }],
] as const)('%s: a violation', (_, environment, more) => {
  expect(violations(environment, more)).toEqual(['assigns-what-is-free']);
});
