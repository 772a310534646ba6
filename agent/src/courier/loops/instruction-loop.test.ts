import { join } from 'node:path';
import { createLogger } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { sampleWork } from '../../journal/testing/sample-assignment.ts';
import { type AgentProfile, AgentSelf } from '../agent-self.ts';
import { InstructionLoop } from './instruction-loop.ts';

const profile: AgentProfile = {
  identifier: { hostName: 'h', ipAddress: '127.0.0.1', uuid: 'u' },
  location: '/',
  operatingSystemName: 'os',
  bootstrapperVersion: '1',
  agentVersion: '1',
};

test('an instruction is for the job that ran when the server was asked, or for the first one since', async () => {
  await using folder = await tempDir();
  const log = createLogger({ file: join(folder.path, 'log'), name: 'test' });
  const clock = new FakeClock();
  const self = new AgentSelf(profile, 0, log);
  const cancelled: number[] = [];
  const desk = { cancel: (buildId: number) => void cancelled.push(buildId) };
  const loop = new InstructionLoop({ self, desk, settings: { instructionIntervalMs: 1000 }, clock, log });
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  const hear = async (askedFor: number | undefined) => {
    loop.post('CANCEL', askedFor);
    await clock.untilSleeping();
    await clock.advance(1000);
    await clock.untilSleeping();
  };
  self.enter({ type: 'work', job: sampleWork(2).assignment.jobIdentifier });
  await hear(1);
  expect(cancelled).toEqual([]);
  await hear(undefined);
  await hear(2);
  expect(cancelled).toEqual([2, 2]);
  stop.abort();
  await running;
});
