import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { ENDING_MS, Shutdown } from './shutdown.ts';

function world(state: string | undefined, drainTimeoutMs = 60_000) {
  const clock = new FakeClock();
  const drains: number[] = [];
  const link = {
    observers: new Set<() => void>(),
    status: state === undefined ? undefined : ({ connected: true, state } as AgentStatus),
    drain: (deadlineMs: number) => void drains.push(deadlineMs),
  };
  const shutdown = new Shutdown({ clock, drainTimeoutMs, link, say: () => undefined });
  return {
    clock,
    drains,
    shutdown,
    become(next: string, job?: string) {
      link.status = { connected: true, state: next, ...(job === undefined ? {} : { job }) };
      for (const observer of link.observers) observer();
    },
    done: () => [shutdown.stop.aborted, shutdown.kill.aborted],
  };
}

test('SIGTERM lets the job finish, and ends the agent as soon as it has', () => {
  const { shutdown, drains, become, done } = world('building');
  shutdown.terminate();
  expect(drains).toEqual([60_000]);
  become('draining');
  expect(done()).toEqual([false, false]);
  become('drained');
  expect(done()).toEqual([true, false]);
});

test('the job gets the time that was asked for before SIGTERM', () => {
  const { shutdown, drains } = world('building');
  shutdown.drainTimeoutMs = 1_800_000;
  shutdown.terminate();
  expect(drains).toEqual([1_800_000]);
});

test('an agent that was drained before is ended at once by SIGTERM, and not by being drained', () => {
  const { shutdown, become, done } = world('idle');
  become('drained');
  expect(done()).toEqual([false, false]);
  shutdown.terminate();
  become('drained');
  expect(done()).toEqual([true, false]);
});

test('each SIGTERM goes one rung further: cancel the job, end the agent, kill', () => {
  const { shutdown, drains, done } = world('building');
  shutdown.terminate();
  shutdown.terminate();
  expect(drains).toEqual([60_000, 0]);
  expect(done()).toEqual([false, false]);
  shutdown.terminate();
  expect(done()).toEqual([true, false]);
  shutdown.terminate();
  expect(done()).toEqual([true, true]);
});

test('SIGINT ends the agent whatever it does, a second one kills', () => {
  const { shutdown, done } = world('building');
  shutdown.interrupt();
  expect(done()).toEqual([true, false]);
  shutdown.interrupt();
  expect(done()).toEqual([true, true]);
});

test('without an agent, or with one that cannot be drained, SIGTERM ends what there is', () => {
  const { shutdown, done } = world(undefined);
  shutdown.terminate();
  expect(done()).toEqual([true, false]);
});

test.each([
  ['building', 60_000 + ENDING_MS],
  ['idle', 5000],
])('an agent that is %s and never says that it is drained is ended after %i ms', async (state, ms) => {
  const { shutdown, clock, done } = world(state);
  shutdown.terminate();
  await clock.advance(ms - 1);
  expect(done()).toEqual([false, false]);
  await clock.advance(1);
  expect(done()).toEqual([true, false]);
});

test('a job that the server had just given to an agent that is told to end may finish as any other', async () => {
  const { shutdown, clock, become, done, drains } = world('idle');
  shutdown.terminate();
  // It does not know yet whether there will be a job.
  become('draining');
  await clock.advance(4999);
  become('draining', 'up42/1/up42_stage/1/up42_job');
  expect(drains).toEqual([60_000]);
  await clock.advance(60_000 + ENDING_MS - 1);
  expect(done()).toEqual([false, false]);
  await clock.advance(1);
  expect(done()).toEqual([true, false]);
});
