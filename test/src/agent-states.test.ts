import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';

test('an agent is pending until it is enabled, works while it is, and not while it is disabled', async () => {
  await using system = await startSystem({ autoRegister: false });
  const { agent } = system;
  const gate = join(system.folder, 'gate');
  const waitForGate = shellTask(`while [ ! -e ${gate} ]; do sleep 0.05; done`);
  await system.definePipeline('gated', [stageOf('only', 'one', [waitForGate])]);
  const pending = await system.waitForAgent(agent, ({ display_state }) => display_state === 'pending');
  expect(pending).toMatchObject({ agent_config_state: 'Pending', hostname: expect.any(String) });
  const counter = await system.trigger('gated');

  await system.api.send('PATCH', `/api/agents/${agent.guid()}`, { agent_config_state: 'Enabled' });
  await system.waitForAgent(agent, ({ display_state }) => display_state === 'building');
  await system.api.send('PATCH', `/api/agents/${agent.guid()}`, { agent_config_state: 'Disabled' });
  const disabled = await system.waitForAgent(agent, ({ display_state }) => display_state === 'disabled');
  expect(disabled).toMatchObject({ agent_config_state: 'Disabled', build_state: 'Building' });

  await writeFile(gate, '');
  await system.waitForPass('gated', counter, 'only');
  const next = await system.trigger('gated');
  await system.waitForAgent(agent, ({ build_state }) => build_state === 'Idle', {
    describe: 'the disabled agent to have finished its job',
  });
  expect((await system.stage('gated', next, 'only')).jobs[0]?.state).toBe('Scheduled');
  await system.api.send('PATCH', `/api/agents/${agent.guid()}`, { agent_config_state: 'Enabled' });
  await system.waitForPass('gated', next, 'only');
  await system.waitForIdle();
  // What the server answers may be here before what it has told.
  await system.wait(() => system.events.agentStates(agent.guid()).at(-1) === 'idle', {
    describe: 'the event of it',
  });
  const seen = system.events.agentStates(agent.guid());
  expect(
    seen.filter((state) => ['pending', 'preparing', 'building', 'disabled', 'idle'].includes(state)),
  ).toEqual(expect.arrayContaining(['pending', 'idle', 'preparing', 'building', 'disabled']));
});

test('an agent that is heard of no more is lost, and missing after a restart of the server; then it comes back', async () => {
  await using system = await startSystem({ serverArgs: ['--lost-contact', '10'] });
  const { agent } = system;
  const guid = agent.guid();
  await agent.stop();
  const lost = await system.waitForAgent(agent, ({ display_state }) => display_state === 'lost-contact');
  expect(lost.agent_state).toBe('LostContact');
  await system.server.kill();
  await system.server.start();
  expect((await system.waitForAgent(agent, () => true)).agent_state).toBe('Missing');
  await agent.run();
  await system.waitForIdle();
  expect(agent.guid()).toBe(guid);
  expect(existsSync(join(agent.home, 'config', 'guid.txt'))).toBe(true);
});
