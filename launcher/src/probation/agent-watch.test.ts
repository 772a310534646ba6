import type { AgentControl } from '@go-agent/protocol/launch-contract';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { AgentWatch, type AgentWatchOptions } from './agent-watch.ts';

const limits = { probationMs: 60_000, memoryBytes: 1000 };

function watching(change: Partial<AgentWatchOptions> = {}) {
  const clock = new FakeClock();
  const told: AgentControl[] = [];
  const over = new AbortController();
  let good = 0;
  let questions = 0;
  const watch = new AgentWatch({
    limits,
    isGood: false,
    canFail: true,
    serverIsSilent: false,
    clock,
    askServer: async () => {
      questions++;
      return true;
    },
    tell: (message) => void told.push(message),
    memory: () => 0,
    onGood: () => void good++,
    ...change,
  });
  const found = watch.run(over.signal);
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) await clock.advance(1000);
  };
  return { watch, found, told, over, pass, good: () => good, questions: () => questions };
}

test('an agent that is accepted and runs for the time of a probation is good, once', async () => {
  const { watch, found, over, pass, good, questions } = watching();
  watch.hear({ type: 'ready' });
  watch.hear({ type: 'registered' });
  await pass(59);
  expect(good()).toBe(0);
  await pass(200);
  expect(good()).toBe(1);
  // Its pings are proof enough.
  expect(questions()).toBe(0);
  over.abort();
  expect(await found).toBeUndefined();
});

test('an agent that is never ready is bad', async () => {
  const { found, pass } = watching();
  await pass(62);
  expect(await found).toMatchObject({ type: 'bad', whose: 'either' });
});

test('a gap in the answers of the server begins the time of an agent anew', async () => {
  let answers = true;
  const { watch, found, over, pass } = watching({ askServer: async () => answers });
  watch.hear({ type: 'ready' });
  await pass(55);
  answers = false;
  await pass(10);
  expect(watch.serverIsSilent).toBe(true);
  answers = true;
  await pass(45);
  expect(watch.seen.answeredMs).toBeLessThan(60_000);
  await pass(30);
  expect(await found).toMatchObject({ reason: expect.stringMatching(/accepted no ping/) });
  over.abort();
});

test('an agent that awaits approval has time until a person has decided', async () => {
  const { watch, found, over, pass } = watching();
  watch.hear({ type: 'ready' });
  watch.hear({ type: 'status', status: { connected: false, state: 'pending' } });
  await pass(110);
  expect(watch.seen.answeredMs).toBe(0);
  over.abort();
  expect(await found).toBeUndefined();
});

test('an agent that answered once and then no more hangs; one that never answers is too old to know how', async () => {
  for (const [answers, expected] of [
    [true, { reason: expect.stringMatching(/hangs/) }],
    [false, undefined],
  ] as const) {
    const { watch, found, over, pass, told } = watching({ isGood: true });
    if (answers) watch.hear({ type: 'status', status: { connected: true, state: 'idle' } });
    await pass(200);
    over.abort();
    const result = await found;
    expect(result === undefined ? undefined : { reason: result.reason }).toEqual(expected);
    expect(told.length).toBeGreaterThan(2);
  }
});

test('an agent with no version to go back to has all the time that it takes', async () => {
  const { watch, found, over, pass, good, questions } = watching({ canFail: false });
  await pass(100);
  watch.hear({ type: 'ready' });
  await pass(100);
  expect(questions()).toBe(0);
  watch.hear({ type: 'registered' });
  await pass(61);
  expect(good()).toBe(1);
  over.abort();
  expect(await found).toBeUndefined();
});
