import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { fakeContext } from '../testing/fake-context.ts';
import { openControl } from './open-control.ts';

test('nothing waits on once nothing is controlled any more, so that a run that was refused ends at once', async () => {
  const clock = new FakeClock();
  const process = { pid: 1, startTime: 1 };
  const { control } = openControl(
    fakeContext({ clock }),
    {
      home: '/no/such/home',
      serverUrl: 'http://server/go',
      settings: {},
      environment: {},
      rereadSettings: () => ({ ok: true, settings: {} }),
      drainTimeoutMs: 0,
      guarded: false,
    },
    {
      status: {
        current: {
          version: 1,
          process,
          since: '2026-01-01T00:00:00.000Z',
          home: '/no/such/home',
          serverUrl: 'http://server/go',
          bootstrapperVersion: '1.0',
          phase: 'starting',
          restarts: 0,
          crashLoop: false,
        },
      },
      log: () => undefined,
      asked: { settings: {} },
      retryUpgrades: () => undefined,
    },
  );
  expect(clock.sleeping()).not.toEqual([]);
  await control[Symbol.asyncDispose]();
  expect(clock.sleeping()).toEqual([]);
});
