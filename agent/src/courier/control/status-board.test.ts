import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { AgentSelf } from '../agent-self.ts';
import { AskingGate } from './asking-gate.ts';
import { StatusBoard } from './status-board.ts';

test('an agent that is drained while it asks for work says so only once no job can come of that any more', async () => {
  const said: AgentStatus[] = [];
  const board = new StatusBoard((status) => said.push(status));
  const gate = new AskingGate({ onChange: () => board.touch() });
  const order = { isGiven: false };
  board.noteUp();
  board.attach({
    self: {
      observers: new Set<() => void>(),
      state: { kind: 'idle' },
      profile: { agentVersion: '1', identifier: { uuid: 'u' } },
    } as AgentSelf,
    contact: { isThere: true, lastAt: undefined },
    gate,
    order,
    fitness: { space: undefined },
    session: { ready: true, pending: false, problem: undefined },
    settings: { restartFor: [] },
  });
  const untilSaid = (state: string) => waitFor(() => said.at(-1)?.state === state);
  await untilSaid('idle');
  {
    using _asking = gate.beginAsking();
    order.isGiven = true;
    gate.close('drain', 'The agent is drained');
    await untilSaid('draining');
  }
  await untilSaid('drained');
  expect(said.map(({ state }) => state)).toEqual(['idle', 'draining', 'drained']);
});
