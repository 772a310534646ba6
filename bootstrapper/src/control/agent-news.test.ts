import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import { expect, test } from 'vitest';
import { AgentNews } from './agent-news.ts';

const URL = 'http://server/go';
const IDLE: AgentStatus = { connected: true, state: 'idle', lastContactAt: 1 };

function refused(problem: string): AgentStatus {
  return { connected: false, state: 'registering', problem };
}

test('an agent that has only just begun is no news', () => {
  const news = new AgentNews(URL);
  for (const agent of [
    undefined,
    { connected: false, state: 'starting' },
    { connected: false, state: 'registering' },
    { connected: false, state: 'idle' },
  ])
    expect(news.note(agent)).toBeUndefined();
});

test('a registration, and what keeps an agent from one, are told once until that changes', () => {
  const news = new AgentNews(URL);
  const told = [refused('no key'), refused('no answer'), refused('no key'), IDLE, IDLE, refused('no key')];
  expect(told.map((agent) => news.note(agent))).toEqual([
    { type: 'problems', problems: [`${URL} has not accepted this agent yet: no key`] },
    { type: 'problems', problems: [`${URL} has not accepted this agent yet: no answer`] },
    undefined,
    { type: 'registered' },
    undefined,
    { type: 'problems', problems: [`${URL} has not accepted this agent yet: no key`] },
  ]);
});

test('an agent that awaits approval is told as such, and so is a server that is gone', () => {
  const news = new AgentNews(URL);
  expect(news.note({ connected: false, state: 'pending' })).toMatchObject({
    problems: [`This agent awaits approval on the agents page of ${URL}`],
  });
  expect(news.note({ ...IDLE, connected: false })).toMatchObject({
    problems: [expect.stringContaining(`No contact with ${URL} since 1970`)],
  });
});
