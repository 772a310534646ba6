import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCH_CONTRACT } from '@go-agent/protocol/launch-contract';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { runAgent, STOP_PATIENCE_MS } from './run-agent.ts';

/** `source` is the agent's whole program. */
async function agentRun(home: string, source: string, stop: AbortSignal, runtime = [process.execPath]) {
  const entry = join(home, 'agent.mjs');
  await mkdir(home, { recursive: true });
  await writeFile(entry, source);
  const clock = new FakeClock();
  const ready = Promise.withResolvers<void>();
  let killed = 0;
  const exit = runAgent({
    entry,
    request: {
      type: 'launch',
      contract: LAUNCH_CONTRACT,
      home,
      serverUrl: 'http://127.0.0.1:1/go',
      settings: {},
      runtime,
      bootstrapperVersion: '1',
      offered: {},
      agentMd5: 'a'.repeat(32),
    },
    clock,
    stop,
    leave: new AbortController().signal,
    onStarted: () => undefined,
    onMessage: () => ready.resolve(),
    listen: () => undefined,
    onKilled: () => void killed++,
  });
  return { exit, clock, ready: ready.promise, killed: () => killed };
}

test('an agent that does not listen is killed when its time is over, not before', async () => {
  await using folder = await tempDir();
  const stop = new AbortController();
  const deaf =
    "process.on('SIGTERM', () => {}); process.on('message', () => process.send({ type: 'ready' }));";
  const { exit, clock, ready, killed } = await agentRun(folder.path, deaf, stop.signal);
  await ready;
  stop.abort(new Error('please'));
  await clock.advance(STOP_PATIENCE_MS - 1);
  expect(killed()).toBe(0);
  await clock.advance(1);
  expect(await exit).toEqual({ code: null, signal: 'SIGKILL' });
  expect(killed()).toBe(1);
});

test('the launch request is the first message, also for an agent that is slow to listen', async () => {
  await using folder = await tempDir();
  const slow =
    "setTimeout(() => process.once('message', ({ type }) => process.exit(type === 'launch' ? 42 : 1)), 100);";
  const { exit } = await agentRun(folder.path, slow, new AbortController().signal);
  expect(await exit).toEqual({ code: 42, signal: null });
});

test('a command that does not exist is an error, not a crash', async () => {
  await using folder = await tempDir();
  const { exit } = await agentRun(folder.path, '', new AbortController().signal, ['/nowhere/node']);
  await expect(exit).rejects.toMatchObject({ code: 'launcher-agent-not-started' });
});
