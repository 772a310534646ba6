import { expect, test } from 'vitest';
import { asBuildWork, CoreFixture, NOT_HELD, registrationForm, runtimeInfo } from '../core-fixture.ts';

async function tokenOf(fixture: CoreFixture, uuid: string): Promise<string> {
  const outcome = await fixture.core.agents.token(uuid);
  return outcome.type === 'issued' ? outcome.token : '';
}

test('an agent with the key is enabled at once, with its resources, and keeps its token over a restart', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.start();
  const token = await tokenOf(fixture, 'a1');
  const form = registrationForm('a1', { token, autoRegisterResources: ['b', 'a', 'a '] });
  expect(await fixture.core.agents.register(form)).toEqual({ type: 'registered' });
  expect(await fixture.core.agents.get('a1')).toMatchObject({
    configState: 'enabled',
    state: 'idle',
    resources: ['a', 'b'],
  });
  const core = await fixture.restart();
  expect(core.agents.authenticate('a1', token)).toBe(true);
  expect(core.agents.authenticate('a1', `${token}x`)).toBe(false);
  expect(await core.agents.token('a1')).toMatchObject({ type: 'conflict' });
});

test('an agent without the key is pending until an operator enables it', async () => {
  await using fixture = await CoreFixture.make();
  const { agents } = await fixture.start();
  const token = await tokenOf(fixture, 'a1');
  const form = registrationForm('a1', { token, autoRegisterKey: 'wrong' });
  expect(await agents.register(form)).toEqual({ type: 'pending' });
  expect(agents.authenticate('a1', token)).toBe(false);
  expect(await agents.update('a1', { configState: 'enabled' })).toMatchObject({
    type: 'ok',
    value: { state: 'idle' },
  });
  expect(await agents.register(form)).toEqual({ type: 'registered' });
  expect(agents.authenticate('a1', token)).toBe(true);
});

test('an agent keeps its name if a blank one is sent', async () => {
  await using fixture = await CoreFixture.make();
  const { agents } = await fixture.start();
  await fixture.agent('a1');
  expect(await agents.update('a1', { hostName: ' ' })).toMatchObject({ type: 'invalid', field: 'hostname' });
  expect(await agents.get('a1')).toMatchObject({ hostName: 'host-a1' });
});

test('an environment of an agent is known as soon as a pipeline file has it', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('env.yaml', 'environments: {Prod: {}}');
  const { agents } = await fixture.start();
  await fixture.agent('a1', { autoRegisterEnvironments: ['prod', 'later'] });
  expect(await agents.get('a1')).toMatchObject({
    environments: ['later', 'prod'],
    unknownEnvironments: ['later'],
  });
  await fixture.pipelineFile('env.yaml', 'environments: {Prod: {}, later: {}}');
  await fixture.restart();
  expect(await fixture.core.agents.get('a1')).not.toHaveProperty('unknownEnvironments');
});

test('a local agent is enabled without a key where that is allowed', async () => {
  await using fixture = await CoreFixture.make();
  const { agents } = await fixture.start({ autoRegisterLocalAgents: true });
  const token = await tokenOf(fixture, 'a1');
  const local = registrationForm('a1', { token, autoRegisterKey: '', isLocal: true });
  expect(await agents.register(local)).toEqual({ type: 'registered' });
});

test.each([
  [{ token: 'x' }, { type: 'bad-token' }],
  [{ location: ' ' }, { type: 'rejected', message: expect.stringContaining('installation path') }],
  [{ usableSpace: 'abc' }, { type: 'rejected', message: expect.stringContaining("usable space 'abc'") }],
  [{ elasticAgentId: 'e' }, { type: 'rejected', message: expect.stringContaining('must submit both') }],
  [
    { autoRegisterResources: ['a;b'] },
    { type: 'rejected', message: expect.stringContaining("Resource name 'a;b'") },
  ],
] as const)('a registration with %j is refused', async (change, outcome) => {
  await using fixture = await CoreFixture.make();
  await fixture.start();
  const form = registrationForm('a1', { token: await tokenOf(fixture, 'a1'), ...change });
  expect(await fixture.core.agents.register(form)).toEqual(outcome);
});

test('at most 100 agents are pending', async () => {
  await using fixture = await CoreFixture.make();
  const { agents } = await fixture.start();
  for (let number = 0; number <= 100; number++) {
    const form = registrationForm(`a${number}`, {
      token: await tokenOf(fixture, `a${number}`),
      autoRegisterKey: '',
    });
    expect((await agents.register(form)).type).toBe(number < 100 ? 'pending' : 'rejected');
  }
});

test('the newest cookie counts', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.start();
  const old = await fixture.agent('a1');
  const cookie = await fixture.core.agents.newCookie('a1');
  const { hostName, ipAddress } = old.info.identifier;
  await expect(fixture.core.agents.ping(old.info, NOT_HELD)).rejects.toMatchObject({
    code: 'agent-cookie',
    knownAs: { hostName, ipAddress, location: old.info.location, lastHeardAt: expect.any(Number) },
  });
  expect(await fixture.core.agents.ping({ ...old.info, cookie }, NOT_HELD)).toBe('NONE');
});

test('only a disabled agent without a job is deleted', async () => {
  await using fixture = await CoreFixture.make();
  const { agents } = await fixture.start();
  await fixture.agent('a1');
  expect(await agents.remove('a1')).toMatchObject({ type: 'invalid' });
  await agents.update('a1', { configState: 'disabled' });
  expect(await agents.remove('a1')).toMatchObject({ type: 'ok' });
  expect(await agents.remove('a1')).toMatchObject({ type: 'not-found' });
});

test('a ping that was on its way while its agent was given a job does not make it idle', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile(
    'app.gocd.yaml',
    `
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main}}
    stages: [{build: {approval: manual, jobs: {compile: {tasks: [{exec: {command: make}}]}}}}]
`,
  );
  const { agents, work, pipelines } = await fixture.start();
  const { info } = await fixture.agent('a1');
  const held = fixture.work({ info }, { waitMs: 30_000, signal: new AbortController().signal });
  await pipelines.trigger('app', { approver: 'ann' });
  const { jobIdentifier } = asBuildWork(await held).assignment;
  expect(await agents.ping(info, NOT_HELD)).toBe('NONE');
  expect(await agents.get('a1')).toMatchObject({ state: 'preparing' });
  const busy = runtimeInfo('a1', info.cookie ?? '', 'app/1/build/1/compile');
  await work.reportState(busy, jobIdentifier, 'Building');
  expect(await agents.get('a1')).toMatchObject({ state: 'building' });
  await work.reportCompleted(busy, jobIdentifier, 'Passed');
  await agents.ping(info, NOT_HELD);
  expect(await agents.get('a1')).toMatchObject({ state: 'idle' });
});
