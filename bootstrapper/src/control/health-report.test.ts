import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import { expect, test } from 'vitest';
import type { BootstrapperStatus } from '../status.ts';
import type { AgentAnswer } from './agent-link.ts';
import { healthReport } from './health-report.ts';
import { metricsText } from './metrics-text.ts';

const status: BootstrapperStatus = {
  version: 1,
  process: { pid: 1, startTime: 1 },
  since: '2026-01-01T00:00:00.000Z',
  home: '/home/agent',
  serverUrl: 'http://server/go',
  bootstrapperVersion: '1.0',
  phase: 'running',
  restarts: 2,
  crashLoop: false,
  agent: { pid: 7 },
};
const agent: AgentStatus = {
  version: '1.1',
  connected: true,
  state: 'idle',
  lastContactAt: Date.UTC(2026, 0, 1),
};
const now = Date.UTC(2026, 0, 1, 0, 1);

function report(
  change: Partial<BootstrapperStatus>,
  answer: Partial<AgentAnswer> = {},
  troubles: string[] = [],
) {
  return healthReport({
    status: { ...status, ...change },
    answer: { status: agent, fresh: true, ...answer },
    troubles,
    now,
  });
}

test('all is well: no problems', () => {
  expect(report({})).toMatchObject({
    status: 'ok',
    problems: [],
    uptimeSeconds: 60,
    agent: { pid: 7, answers: true, connected: true, state: 'idle', lastContact: '2026-01-01T00:00:00.000Z' },
  });
});

test.each<[string, Partial<BootstrapperStatus>, Partial<AgentAnswer>]>([
  ['again and again', { crashLoop: true }, {}],
  [
    'There is no agent; phase downloading',
    { phase: 'downloading', agent: undefined as never },
    { fresh: false },
  ],
  ['does not answer', {}, { fresh: false }],
  ['No contact with http://server/go since 2026-01-01', {}, { status: { ...agent, connected: false } }],
  ['http://server/go has not been reached yet', {}, { status: { connected: false, state: 'registering' } }],
  [
    'has not accepted this agent yet: connection refused',
    {},
    { status: { connected: false, state: 'registering', problem: 'connection refused' } },
  ],
  ['No work is asked for: no room', {}, { status: { ...agent, notAskingBecause: 'no room' } }],
])('a problem is told: %s', (text, change, answer) => {
  const { agent: _agent, ...rest } = status;
  const facts = 'agent' in change ? { ...rest, phase: 'downloading' as const } : { ...status, ...change };
  const { status: health, problems } = healthReport({
    status: facts,
    answer: { status: agent, fresh: true, ...answer },
    troubles: [],
    now,
  });
  expect(health).toBe('failing');
  expect(problems.join()).toContain(text);
});

test('an agent that awaits approval says that, and not that there was no contact', () => {
  const pending = { connected: false, state: 'pending' };
  const { problems } = report({}, { status: pending });
  expect(problems).toEqual(['This agent awaits approval on the agents page of http://server/go']);
  expect(metricsText(report({}, { status: agent }))).toContain('go_agent_state{state="pending"} 0\n');
});

test('what the operator has asked for is no problem; a port that is taken is one', () => {
  const drained = { ...agent, state: 'drained', notAskingBecause: 'It is drained' };
  expect(report({}, { status: drained })).toMatchObject({ status: 'ok', agent: { state: 'drained' } });
  expect(report({}, { status: { ...drained, state: 'cancelled' } })).toMatchObject({ problems: [] });
  expect(report({}, {}, ['health-listen: in use'])).toMatchObject({ problems: ['health-listen: in use'] });
});

test('metrics are one line for each value, with help and type, and one state', () => {
  const text = metricsText(report({}, { status: { ...agent, disk: { freeBytes: 5 } } }));
  expect(text).toContain('# TYPE go_agent_relaunches_total counter\ngo_agent_relaunches_total 2\n');
  expect(text).toContain('go_agent_state{state="idle"} 1\n');
  expect(text.match(/^go_agent_state\{.*\} 1$/gm)).toHaveLength(1);
  expect(text).toContain('go_agent_last_contact_timestamp_seconds 1767225600\n');
  expect(text).toContain('go_agent_disk_free_bytes 5\n');
  expect(text).not.toContain('inodes');
  expect(text.endsWith('\n')).toBe(true);
});
