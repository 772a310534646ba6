import { expect, test } from 'vitest';
import type { TriggerOptions } from '../core.ts';
import { scriptedCore } from '../testing/scripted-core.ts';
import { testServer } from '../testing/test-server.ts';

async function withTriggers() {
  const triggers: TriggerOptions[] = [];
  const core = scriptedCore({
    pipelines: {
      trigger: async (_name, options) => {
        triggers.push(options);
        return { type: 'ok', value: undefined, message: '' };
      },
    },
  });
  const server = await testServer(core);
  const schedule = (body: unknown) =>
    server.asAdmin('/api/pipelines/app/schedule', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    });
  return { triggers, schedule, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('a variable of a trigger is plain, secure, or encrypted already', async () => {
  await using server = await withTriggers();
  const variables = [
    { name: 'A', value: '1' },
    { name: 'B', value: '2', secure: true },
    { name: 'C', encrypted_value: 'sealed:v1:x', secure: true },
  ];
  expect((await server.schedule({ environment_variables: variables })).status).toBe(202);
  expect(server.triggers[0]?.variables).toEqual([
    { name: 'A', value: '1', secure: false },
    { name: 'B', value: '2', secure: true },
    { name: 'C', sealed: 'sealed:v1:x' },
  ]);
});

test('a trigger names revisions of materials', async () => {
  await using server = await withTriggers();
  const materials = [{ fingerprint: 'f', revision: 'r' }];
  expect((await server.schedule({ materials })).status).toBe(202);
  expect(server.triggers[0]?.materials).toEqual(materials);
  expect((await server.schedule({ materials: [{ fingerprint: 'f' }] })).status).toBe(422);
});

test.each([
  [{ name: 'A' }, 'give `value` or `encrypted_value`'],
  [{ name: 'A', value: 'x', encrypted_value: 'y' }, 'only specify `value` or `encrypted_value`, not both!'],
  [{ name: 'A', encrypted_value: 'y', secure: false }, "encrypted value only when option 'secure' is true."],
])('a variable of a trigger that says too little or too much is refused: %j', async (variable, message) => {
  await using server = await withTriggers();
  expect(await server.schedule({ environment_variables: [variable] })).toMatchObject({
    status: 422,
    body: expect.stringContaining(message),
  });
  expect(server.triggers).toEqual([]);
});
