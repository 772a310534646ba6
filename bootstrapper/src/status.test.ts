import { expect, test } from 'vitest';
import type { SupervisorEvent } from './core/supervise.ts';
import { type BootstrapperStatus, lastsByWallClock, nextStatus, statusAsOf } from './status.ts';

const fresh: BootstrapperStatus = {
  version: 1,
  process: { pid: 1, startTime: 1 },
  since: new Date(0).toISOString(),
  home: '/home/agent',
  serverUrl: 'http://localhost/go',
  bootstrapperVersion: '1',
  phase: 'starting',
  restarts: 0,
  crashLoop: false,
};

test('a crash loop is told until the agent has run for a minute', () => {
  const events = [
    { type: 'ended', end: { code: 7, lastedMs: 1 }, step: { waitMs: 1, history: {}, crashLoop: true } },
    { type: 'launching', launcher: { md5: 'a', version: '1', source: 'carried' }, folder: '' },
    { type: 'status', status: { phase: 'running', agentPid: 7 } },
  ] as unknown as SupervisorEvent[];
  const status = events.reduce((before, event) => nextStatus(before, event, 1_000), fresh);
  expect(statusAsOf(status, 59_999)).toMatchObject({ crashLoop: true, phase: 'running' });
  expect(statusAsOf(status, 60_000)).toMatchObject({ crashLoop: false, agent: { pid: 7 } });
});

test('a clock that was set back since the launch leaves no crash loop for as long as it was set back', () => {
  const launchedAt = new Date(2e12).toISOString();
  expect(lastsByWallClock({ ...fresh, launchedAt }, 2e12 + 1_000)).toBe(1_000);
  const status: BootstrapperStatus = { ...fresh, phase: 'running', crashLoop: true, launchedAt };
  expect(statusAsOf(status, lastsByWallClock(status, 1e12)).crashLoop).toBe(false);
  expect(lastsByWallClock(fresh, 2e12)).toBe(0);
});
