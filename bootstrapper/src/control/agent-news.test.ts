import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { AgentNews } from './agent-news.ts';

const URL = 'http://server/go';
const IDLE: AgentStatus = { connected: true, state: 'idle', lastContactAt: 1 };

function refused(problem: string): AgentStatus {
  return { connected: false, state: 'registering', problem };
}

function lacking(notAskingBecause: string): AgentStatus {
  return { ...IDLE, notAskingBecause };
}

test('an agent that has only just begun is no news', () => {
  const news = new AgentNews(URL, new FakeClock());
  for (const agent of [
    undefined,
    { connected: false, state: 'starting' },
    { connected: false, state: 'registering' },
    { connected: false, state: 'idle' },
  ])
    expect(news.note(agent)).toBeUndefined();
});

test('a registration, and what keeps an agent from one, are told once until that changes', async () => {
  const clock = new FakeClock();
  const news = new AgentNews(URL, clock);
  const told = [refused('no key'), refused('no answer'), refused('no key'), IDLE, IDLE];
  expect(told.map((agent) => news.note(agent))).toEqual([
    { type: 'problems', problems: [`${URL} has not accepted this agent yet: no key`] },
    { type: 'problems', problems: [`${URL} has not accepted this agent yet: no answer`] },
    undefined,
    { type: 'registered' },
    undefined,
  ]);
  await clock.advance(60_000);
  expect(news.note(refused('no key'))).toMatchObject({ type: 'problems' });
});

test('a disk that has other free bytes at each look is told once, and so are ten kinds of problems of very many', () => {
  const news = new AgentNews(URL, new FakeClock());
  const told = (agents: readonly AgentStatus[]) => agents.filter((agent) => news.note(agent) !== undefined);
  const looks = Array.from({ length: 100 }, (_, look) =>
    lacking(`${5e8 - look * 4096} of 1000 bytes are free`),
  );
  expect(told(looks)).toHaveLength(1);
  const kinds = Array.from({ length: 100 }, (_, kind) => lacking('x'.repeat(kind)));
  expect(told(kinds)).toHaveLength(9);
});

test('an agent that is well and not well every two seconds is told of once a minute, and of what lasts in the end', async () => {
  const clock = new FakeClock();
  const news = new AgentNews(URL, clock);
  const counted = { registered: 0, problems: 0 };
  for (let second = 0; second < 600; second += 1) {
    const told = news.note(second % 2 === 0 ? IDLE : lacking('no room'));
    if (told !== undefined) counted[told.type] += 1;
    await clock.advance(1000);
  }
  expect(counted).toEqual({ registered: 10, problems: 10 });
  expect(news.note(IDLE)).toEqual({ type: 'registered' });
  expect(news.note(lacking('no room'))).toBeUndefined();
  await clock.advance(60_000);
  expect(news.note(lacking('no room'))).toMatchObject({ type: 'problems' });
});

test('a job that is ended because the agent is drained is no problem, and what was one is not over by it', () => {
  const news = new AgentNews(URL, new FakeClock());
  expect(news.note(lacking('no room'))).toMatchObject({ type: 'problems' });
  expect(news.note({ ...lacking('The agent is drained'), state: 'cancelled' })).toBeUndefined();
});

test('an agent that awaits approval is told as such, and so is a server that is gone', () => {
  const news = new AgentNews(URL, new FakeClock());
  expect(news.note({ connected: false, state: 'pending' })).toMatchObject({
    problems: [`This agent awaits approval on the agents page of ${URL}`],
  });
  expect(news.note({ ...IDLE, connected: false })).toMatchObject({
    problems: [expect.stringContaining(`No contact with ${URL} since 1970`)],
  });
});
