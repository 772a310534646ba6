import { expect, test } from 'vitest';
import type { JobRequirement } from './job-matching.ts';
import { type Candidate, noAgentReason } from './no-agent.ts';

function agent(hostName: string, more: Partial<Candidate & Candidate['offer']> = {}): Candidate {
  const { state = 'available', resources = [], environments = [], elastic = false } = more;
  return { hostName, state, offer: { uuid: hostName, resources, environments, elastic } };
}

const PROD = { environments: ['Prod'] };

test.each<[string, Partial<JobRequirement>, Candidate[], string | undefined]>([
  ['an agent is busy', {}, [agent('a')], undefined],
  ['its plugin says', { elasticProfileId: 'small' }, [], undefined],
  ['there is nobody', {}, [], 'There is no agent: none has registered yet.'],
  [
    'elastic agents are for others',
    {},
    [agent('e', { elastic: true })],
    'There is no agent: none has registered yet.',
  ],
  [
    'a resource is nowhere',
    { resources: ['linux', 'GPU'] },
    [agent('a', { resources: ['Linux'] })],
    "No agent has the resource 'GPU'.",
  ],
  [
    'its resources are not together',
    { resources: ['x', 'y'] },
    [agent('a', { resources: ['x'] }), agent('b', { resources: ['y'] })],
    "No agent has all of the resources 'x', 'y'.",
  ],
  [
    'a resource is elsewhere',
    { resources: ['gpu'], environment: 'prod' },
    [agent('a', { resources: ['gpu'] }), agent('b', PROD)],
    "No agent in environment 'prod' has the resource 'gpu'.",
  ],
  ['its environment is empty', { environment: 'prod' }, [agent('a')], "No agent is in environment 'prod'."],
  [
    'all are in environments',
    {},
    [agent('a', PROD)],
    'All agents are in environments, and these take no jobs of pipelines that are in none.',
  ],
  [
    'those for it are not there',
    {},
    [
      agent('a', { state: 'disabled' }),
      agent('b', { state: 'away' }),
      agent('c', { state: 'pending' }),
      agent('d', { state: 'away' }),
    ],
    'No agent that could run it is available: a (disabled), b (not connected), c (not approved yet) and 1 more.',
  ],
])('a job waits because %s', (_why, job, agents, reason) => {
  expect(noAgentReason({ resources: [], ...job }, agents)).toBe(reason);
});
