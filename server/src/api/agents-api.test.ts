import { expect, test } from 'vitest';
import type { ServerCore } from '../core.ts';
import { AGENT, AGENT_VIEW, scriptedCore } from '../testing/scripted-core.ts';
import { testServer } from '../testing/test-server.ts';

test('an operator has what is left of a cancelled job killed', async () => {
  const killed: string[] = [];
  await using server = await testServer(
    scriptedCore({
      agents: {
        killRunningTasks: async (uuid) => {
          killed.push(uuid);
          return uuid === AGENT
            ? { type: 'ok', value: undefined, message: '' }
            : { type: 'conflict', message: 'There is a pending request to kill running task.' };
        },
      },
    }),
  );
  const kill = (uuid: string) =>
    server.asAdmin(`/api/agents/${uuid}/kill_running_tasks`, {
      method: 'POST',
      headers: { Accept: 'application/vnd.go.cd.v7+json', 'X-GoCD-Confirm': 'true' },
    });
  expect(await kill(AGENT)).toMatchObject({ status: 202, body: '' });
  expect(await kill('other')).toMatchObject({ status: 409 });
  expect(killed).toEqual([AGENT, 'other']);
});

async function patched(body: unknown, agents: Partial<ServerCore['agents']> = {}) {
  await using server = await testServer(scriptedCore({ agents }));
  const { status, body: text } = await server.asAdmin(`/api/agents/${AGENT}`, {
    method: 'PATCH',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
  return { status, answer: JSON.parse(text) };
}

test('what cannot be changed of an agent comes back with the agent and an error for each field', async () => {
  const message = 'The hostname of an agent cannot be blank.';
  const update = async () => ({ type: 'invalid', field: 'hostname', message }) as const;
  expect(await patched({ hostname: '' }, { update })).toMatchObject({
    status: 422,
    answer: { message, data: { uuid: AGENT, hostname: 'build-7', errors: { hostname: [message] } } },
  });
  expect(await patched({ agent_config_state: 'Paused', hostname: 7 })).toMatchObject({
    status: 422,
    answer: {
      message: expect.stringContaining('can be one of `Enabled`'),
      data: {
        uuid: AGENT,
        errors: {
          agent_config_state: [expect.stringContaining('`Enabled`')],
          hostname: [expect.any(String)],
        },
      },
    },
  });
});

test('the origin of an environment that no pipeline file has is unknown', async () => {
  const view = { ...AGENT_VIEW, environments: ['prod', 'prodd'], unknownEnvironments: ['prodd'] };
  await using server = await testServer(scriptedCore({ agents: { get: async () => view } }));
  const { body } = await server.asAdmin(`/api/agents/${AGENT}`);
  expect(JSON.parse(body)).toMatchObject({
    environments: [
      { name: 'prod', origin: { type: 'gocd' } },
      { name: 'prodd', origin: { type: 'unknown' } },
    ],
  });
});
