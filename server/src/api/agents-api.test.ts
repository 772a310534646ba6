import { expect, test } from 'vitest';
import { AGENT, scriptedCore } from '../testing/scripted-core.ts';
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
