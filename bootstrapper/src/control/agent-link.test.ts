import type { AgentControl, AgentStatus } from '@go-agent/protocol/launch-contract';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { AgentLink } from './agent-link.ts';

const idle: AgentStatus = { connected: true, state: 'idle' };

function linked() {
  const clock = new FakeClock();
  const link = new AgentLink(clock);
  const sent: AgentControl[] = [];
  link.connect((message) => void sent.push(message));
  const run = (agent?: AgentStatus) =>
    link.note({
      type: 'status',
      status: { phase: 'running', agentPid: 7, ...(agent === undefined ? {} : { agent }) },
    });
  return { clock, link, sent, run };
}

test('what the agent says of itself is told apart from what its launcher says', () => {
  const { run, link } = linked();
  expect(run()).toBe(false);
  expect(run(idle)).toBe(true);
  expect(run({ ...idle, state: 'building' })).toBe(true);
  const status = { phase: 'stopping', agentPid: 7, agent: idle } as const;
  expect(link.note({ type: 'status', status })).toBe(false);
});

test('an agent that answers is fresh; one that does not is known by its last word', async () => {
  const { clock, link, sent, run } = linked();
  expect(await link.ask()).toEqual({ status: undefined, fresh: false });
  run(idle);
  const asked = link.ask();
  expect(sent).toEqual([{ type: 'report' }]);
  run({ ...idle, state: 'building' });
  expect(await asked).toEqual({ status: { ...idle, state: 'building' }, fresh: true });
  const again = link.ask();
  await clock.advance(2000);
  expect(await again).toEqual({ status: { ...idle, state: 'building' }, fresh: false });
});

test('a drain lasts beyond a relaunch, with the time that is left, until it is taken back', async () => {
  const { clock, link } = linked();
  const next = () => {
    const sent: AgentControl[] = [];
    link.connect((message) => void sent.push(message));
    return sent;
  };
  link.drain(10_000);
  await clock.advance(4000);
  expect(next()).toEqual([{ type: 'drain', deadlineMs: 6000 }]);
  await clock.advance(60_000);
  expect(next()).toEqual([{ type: 'drain', deadlineMs: 0 }]);
  link.drain();
  expect(next()).toEqual([{ type: 'drain' }]);
  link.resume();
  expect(next()).toEqual([]);
});
