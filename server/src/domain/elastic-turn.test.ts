import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from './elastic-profile.ts';
import { planTurn } from './elastic-turn.ts';
import type { Turn, TurnAgent, TurnJob } from './elastic-turn-model.ts';

const NOW = 1_000_000;

function turn(
  more: Partial<Turn> & {
    readonly policy?: Partial<typeof DEFAULT_POLICY> & {
      maxAgents?: number;
      queueTimeoutMs?: number;
      maxAttempts?: number;
    };
  },
): Turn {
  const { policy, ...rest } = more;
  const profile = {
    id: 'small',
    policy: { ...DEFAULT_POLICY, ...policy },
    restUntil: 0,
    beingStarted: false,
  };
  return { now: NOW, profiles: [profile], agents: [], jobs: [], asking: false, changed: false, ...rest };
}

function agent(id: number, more: Partial<TurnAgent> = {}): TurnAgent {
  return {
    id,
    profileId: 'small',
    phase: 'registered',
    available: true,
    busy: false,
    stuck: false,
    lost: false,
    disabled: false,
    jobsGiven: 0,
    createdAt: NOW,
    startBy: NOW + 600_000,
    takesRoom: true,
    idleSince: NOW,
    ...more,
  };
}

function job(jobId: number, more: Partial<TurnJob> = {}): TurnJob {
  return { jobId, profileId: 'small', waitingSince: NOW, attempt: 1, promised: false, ...more };
}

const LATER = NOW + 30_000;

test.each([
  ['an agent with as many jobs as allowed goes', agent(1, { jobsGiven: 1 }), 'jobs-done'],
  ['a lost agent goes', agent(1, { lost: true, available: false }), 'lost'],
  ['an agent that cannot end its job goes', agent(1, { stuck: true, busy: true, available: false }), 'stuck'],
  ['a disabled agent goes', agent(1, { disabled: true, available: false }), 'disabled'],
  ['an agent that is idle for too long goes', agent(1, { idleSince: NOW - 60_000 }), 'idle-timeout'],
  [
    'an agent that has not registered in time is given up',
    agent(1, { phase: 'starting', available: false, startBy: NOW }),
    'never-registered',
  ],
  [
    'an agent that was started for a job that is over, and that no other needs, goes',
    agent(1, { phase: 'starting', available: false, startedFor: { jobId: 9, waits: false } }),
    'not-needed',
  ],
] as const)('%s', (_title, one, reason) => {
  expect(planTurn(turn({ agents: [one] })).retire).toEqual([{ id: 1, reason }]);
});

test.each([
  ['is busy', agent(1, { busy: true, jobsGiven: 1, disabled: true, available: false })],
  ['is busy and idle since long ago', agent(1, { busy: true, idleSince: NOW - 100_000, available: false })],
  ['was idle for less than the limit', agent(1, { idleSince: NOW - 59_999 })],
] as const)('an agent that %s stays', (_title, one) => {
  expect(planTurn(turn({ agents: [one] })).retire).toEqual([]);
});

test('an idle agent that a waiting job could use stays, and so do as many as are to be kept warm', () => {
  const old = { idleSince: NOW - 100_000 };
  expect(planTurn(turn({ agents: [agent(1, old)], jobs: [job(5)] })).retire).toEqual([]);
  const agents = [agent(1, old), agent(2, { ...old, jobsGiven: 1 }), agent(3, old)];
  const plan = planTurn(turn({ agents, policy: { minIdle: 2, jobsPerAgent: 3 } }));
  expect(plan.retire).toEqual([{ id: 2, reason: 'idle-timeout' }]);
});

test('an agent for a cancelled job stays if another waiting job can have it', () => {
  const starting = agent(1, { phase: 'starting', available: false, startedFor: { jobId: 9, waits: false } });
  expect(planTurn(turn({ agents: [starting], jobs: [job(10)] })).retire).toEqual([]);
  const elsewhere = planTurn(turn({ agents: [starting], jobs: [job(10, { environment: 'prod' })] }));
  expect(elsewhere.retire).toEqual([{ id: 1, reason: 'not-needed' }]);
});

test('warm agents are started up to the limit, not while the profile rests, and not twice', () => {
  const policy = { minIdle: 3, maxAgents: 2 };
  expect(planTurn(turn({ policy })).start).toEqual([{ profileId: 'small', count: 2 }]);
  expect(planTurn(turn({ policy, agents: [agent(1)] })).start).toEqual([{ profileId: 'small', count: 1 }]);
  const [profile] = turn({ policy }).profiles;
  if (profile === undefined) throw new Error('There is one');
  const resting = planTurn(turn({ profiles: [{ ...profile, restUntil: NOW + 500 }] }));
  expect(resting).toMatchObject({ start: [], nextAt: NOW + 500 });
  expect(planTurn(turn({ profiles: [{ ...profile, beingStarted: true }] })).start).toEqual([]);
});

test('a job that takes the only warm agent has another started at once', () => {
  const plan = planTurn(turn({ policy: { minIdle: 1 }, agents: [agent(1)], jobs: [job(5)] }));
  expect(plan).toMatchObject({ start: [{ profileId: 'small', count: 1 }], ask: [5] });
});

test('a plugin is asked about new jobs, about those whose time has come, and never while it is being asked', () => {
  const held = { holds: true, rests: false, askAgainAt: LATER };
  const due = { holds: false, rests: false, askAgainAt: NOW };
  const jobs = [
    job(1),
    job(2, { answer: held }),
    job(3, { answer: due }),
    job(4, { promised: true, answer: held }),
  ];
  expect(planTurn(turn({ jobs }))).toMatchObject({ ask: [1, 3], nextAt: LATER });
  expect(planTurn(turn({ jobs, asking: true })).ask).toEqual([]);
});

test('an agent that is free or a free place makes a plugin be asked earlier, for as many jobs as that can serve', () => {
  const waits = { holds: false, rests: false, askAgainAt: LATER };
  const jobs = [1, 2, 3, 4].map((id) => job(id, { answer: waits }));
  expect(planTurn(turn({ jobs })).ask).toEqual([]);
  const policy = { maxAgents: 2 };
  expect(planTurn(turn({ jobs, policy, changed: true, agents: [agent(1)] })).ask).toEqual([1, 2]);
  const rests = [job(1, { answer: { ...waits, rests: true } })];
  expect(planTurn(turn({ jobs: rests, changed: true, agents: [agent(1)] })).ask).toEqual([]);
});

test('a job that waits longer than its profile allows expires', () => {
  const policy = { queueTimeoutMs: 5000 };
  const jobs = [job(1, { waitingSince: NOW - 5000 }), job(2, { waitingSince: NOW - 1000 })];
  expect(planTurn(turn({ policy, jobs }))).toMatchObject({ expire: [1], ask: [2], nextAt: NOW + 4000 });
});

test('a job that was taken back from as many agents as its profile allows is given up, and not asked about', () => {
  const jobs = [job(1, { attempt: 3 }), job(2, { attempt: 2 })];
  expect(planTurn(turn({ policy: { maxAttempts: 2 }, jobs }))).toMatchObject({ giveUp: [1], ask: [2] });
  expect(planTurn(turn({ jobs }))).toMatchObject({ giveUp: [], ask: [1, 2] });
});

test('a retiring agent is stopped when it may be', () => {
  const agents = [
    agent(1, { phase: 'retiring', stopAt: NOW }),
    agent(2, { phase: 'retiring', stopAt: NOW + 700 }),
    agent(3, { phase: 'retiring' }),
  ];
  expect(planTurn(turn({ agents }))).toMatchObject({ stop: [1], retire: [], nextAt: NOW + 700 });
});

test('a job that no agent of a full profile may have is worth one of those that are kept warm', () => {
  const policy = { minIdle: 1, maxAgents: 1 };
  const idle = agent(1, { environment: 'y', idleSince: NOW - 60_000 });
  const jobs = [job(5, { environment: 'x' })];
  expect(planTurn(turn({ policy, agents: [idle], jobs })).retire).toEqual([
    { id: 1, reason: 'idle-timeout' },
  ]);
  expect(planTurn(turn({ policy, agents: [idle] })).retire).toEqual([]);
});

test('agents of a profile that is gone go, and one that cannot end its job does not stay for ever', () => {
  const agents = [agent(1), agent(2, { busy: true }), agent(3, { busy: true, stuck: true })];
  expect(planTurn(turn({ profiles: [], agents })).retire.map(({ id }) => id)).toEqual([1, 3]);
});

test('of agents whose jobs are over, those of another environment do not count', () => {
  const orphan = (id: number, environment: string) =>
    agent(id, { phase: 'starting', available: false, environment, startedFor: { jobId: id, waits: false } });
  const plan = planTurn(turn({ policy: { minIdle: 1 }, agents: [orphan(1, 'x'), orphan(2, 'y')] }));
  expect(plan.retire).toEqual([{ id: 2, reason: 'not-needed' }]);
});

test('a job whose agent does not come for it is looked at when the promise is void, and soon again if it is not yet', () => {
  const promised = (askAgainAt: number) =>
    planTurn(
      turn({ jobs: [job(1, { promised: true, answer: { holds: false, rests: false, askAgainAt } })] }),
    );
  expect(promised(NOW + 20_000)).toMatchObject({ ask: [], nextAt: NOW + 20_000 });
  expect(promised(NOW)).toMatchObject({ ask: [], nextAt: NOW + 1000 });
});
