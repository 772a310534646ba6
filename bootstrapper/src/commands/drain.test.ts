import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { processIdentity, systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { Controls } from '../control/answer-request.ts';
import { serveOrders } from '../control/control-server.ts';
import type { HealthReport } from '../control/health-report.ts';
import { homeFiles } from '../home-files.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { drain } from './drain.ts';

/** What `drain --wait` comes to when the agent is in these states, from look to look. */
async function waited(...agents: readonly (readonly [pid: number, state: string])[]) {
  await using folder = await tempDir();
  const home = folder.path;
  await mkdir(join(home, 'data'));
  const status = { phase: 'running', process: processIdentity(process.pid) };
  await writeFile(homeFiles(home).status, JSON.stringify(status));
  let looks = 0;
  const health = () => {
    const [pid, state] = agents[Math.min(looks++, agents.length - 1)] ?? [];
    return Promise.resolve({ agent: { pid, state, answers: true } } as HealthReport);
  };
  const nothing = () => undefined;
  const controls: Controls = {
    health,
    drain: nothing,
    resume: nothing,
    drainTimeout: nothing,
    restart: nothing,
    reload: nothing,
  };
  await using _server = await serveOrders(join(home, 'data', 'go-agent.sock'), controls);
  const clock = { ...systemClock, sleep: (_: number, signal: AbortSignal) => systemClock.sleep(0, signal) };
  const context = fakeContext({ clock, cwd: process.cwd() });
  return [await drain(context, { home, wait: true, json: false }), ...context.errors];
}

test('drain --wait ends with the job, also if the next agent finishes it', async () => {
  expect(await waited([7, 'draining'], [7, 'drained'])).toEqual([ExitCode.ok]);
  expect(
    await waited([7, 'building'], [7, 'draining'], [8, 'starting'], [8, 'building'], [8, 'drained']),
  ).toEqual([ExitCode.ok]);
});

test.each(['building', 'idle', 'disabled'])(
  'drain --wait waits no longer when somebody else resumes the agent, which is %s then',
  async (state) => {
    expect(await waited([7, 'draining'], [7, state])).toEqual([
      ExitCode.failed,
      'go-agent: the agent takes work again: somebody has ended the drain meanwhile',
    ]);
  },
);
