import { expect, test } from 'vitest';
import { type AgentOffer, canRun } from './job-matching.ts';

const agent: AgentOffer = { uuid: 'a', resources: ['Linux', 'docker'], environments: [], elastic: false };

test('an agent needs all resources of the job, in whatever case', () => {
  expect(canRun({ resources: ['LINUX', 'docker'] }, agent)).toBe(true);
  expect(canRun({ resources: ['linux', 'gpu'] }, agent)).toBe(false);
});

test('agents in an environment and those in none do not take each other’s jobs', () => {
  const inProd = { ...agent, environments: ['Prod', 'test'] };
  expect(canRun({ resources: [], environment: 'prod' }, inProd)).toBe(true);
  expect(canRun({ resources: [] }, inProd)).toBe(false);
  expect(canRun({ resources: [], environment: 'prod' }, agent)).toBe(false);
});

test('a pinned job is for its agent alone, whatever the resources', () => {
  expect(canRun({ resources: ['gpu'], pinnedAgentUuid: 'a' }, agent)).toBe(true);
  expect(canRun({ resources: [], pinnedAgentUuid: 'b' }, agent)).toBe(false);
});

test('elastic jobs and static agents, and elastic agents and plain jobs, do not fit', () => {
  expect(canRun({ resources: [], elasticProfileId: 'p' }, agent)).toBe(false);
  expect(canRun({ resources: [] }, { ...agent, elastic: true })).toBe(false);
});
