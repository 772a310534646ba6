import { v5Fixture } from '@go-agent/protocol/elastic-fixtures';
import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture, registrationForm } from '../../core/core-fixture.ts';
import { PluginDesk } from '../plugin-host/plugin-desk.ts';
import { ScriptedCloud } from '../testing/scripted-cloud.ts';
import { serveV5Request } from './v5-requests.ts';

const PIPELINE = `
cluster_profiles: {cloud: {plugin_id: scripted}}
elastic_profiles: {small: {cluster_profile_id: cloud}}
pipelines:
  web:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages:
      - test:
          approval: manual
          jobs: {unit: {elastic_profile_id: small, tasks: [{exec: {command: make}}]}}
`;

/** A core without its services, unless they are run: nothing happens but what is asked for. */
async function open() {
  const resources = new AsyncDisposableStack();
  const fixture = resources.use(await CoreFixture.make());
  await fixture.pipelineFile('web.gocd.yaml', PIPELINE);
  const cloud = new ScriptedCloud();
  const core = await fixture.start({}, cloud.source);
  const info = JSON.parse(v5Fixture('server-info-2').response ?? '');
  const desk = new PluginDesk({
    pluginId: 'scripted',
    broker: cloud.broker,
    serverId: info.server_id,
    serverUrl: info.site_url,
  });
  /** As the fixture has it, and what comes back. */
  const ask = (file: string, change: object = {}) => {
    const { name, apiVersion, request } = v5Fixture(file);
    const changed = request?.startsWith('{') === true ? { ...JSON.parse(request), ...change } : undefined;
    const requestBody = changed === undefined ? request : JSON.stringify(changed);
    return serveV5Request(desk, name, { apiVersion, ...(requestBody === undefined ? {} : { requestBody }) });
  };
  /** An agent that a v5 plugin made: it brings its id along. */
  const register = async (agentId: string) => {
    const key = await cloud.broker.createKey('scripted', { clusterId: 'cloud', profileId: 'small' });
    const token = await core.agents.token(agentId);
    if (key.type === 'refused' || token.type !== 'issued') throw new Error('There is room for it');
    const form = {
      token: token.token,
      autoRegisterKey: key.key,
      elasticAgentId: agentId,
      elasticPluginId: 'scripted',
    };
    await core.agents.register(registrationForm(agentId, form));
    await core.agents.newCookie(agentId);
  };
  return { fixture, cloud, core, desk, ask, register, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('agents are listed, disabled and deleted with the bodies of the extension', async () => {
  await using it = await open();
  const listed = v5Fixture('list-agents').response ?? '';
  const [idle, lost] = (JSON.parse(listed) as { agent_id: string }[]).map(({ agent_id }) => agent_id);
  for (const agentId of [idle, lost]) await it.register(agentId ?? '');
  const { registry } = it.cloud.broker.context.scheduler;
  registry.apply(lost ?? '', 'silent');
  expect(await it.ask('disable-agents')).toEqual({ responseCode: 200, responseHeaders: {} });
  expect((await it.ask('list-agents')).responseBody).toBe(listed);
  expect(await it.ask('delete-agents')).toEqual({ responseCode: 200, responseHeaders: {} });
  expect((await it.core.agents.list()).map(({ uuid }) => uuid)).toEqual([idle]);
});

test('the server says who it is in both versions, and has no settings for a plugin of version 5', async () => {
  await using it = await open();
  const first = v5Fixture('server-info-1').response;
  expect((await it.ask('server-info-1')).responseBody).toBe(first);
  const second = JSON.parse((await it.ask('server-info-2')).responseBody ?? '');
  expect(second).toMatchObject(JSON.parse(first ?? ''));
  expect(Object.keys(second)).toEqual(Object.keys(JSON.parse(v5Fixture('server-info-2').response ?? '')));
  expect((await it.ask('plugin-settings')).responseBody).toBe(v5Fixture('plugin-settings').response);
});

test('health messages replace those before, and none clear them', async () => {
  await using it = await open();
  const { name, apiVersion } = v5Fixture('add-health-messages');
  expect((await it.ask('add-health-messages')).responseCode).toBe(200);
  const shown = () => it.core.health().filter(({ message }) => message.startsWith('Message from'));
  expect(shown()).toMatchObject([
    {
      level: 'error',
      message: 'Message from plugin: scripted',
      detail: 'The limit of pending pods is reached.\nThe cluster is out of reach.',
    },
  ]);
  await serveV5Request(it.desk, name, { apiVersion, requestBody: '[]' });
  expect(shown()).toEqual([]);
});

test('both versions of console-log.append write to the console of a job that waits', async () => {
  await using it = await open();
  const stop = new AbortController();
  const running = runServices(it.core.services, stop.signal);
  await it.fixture.clock.advance(20);
  it.cloud.mischief = () => 'decline';
  await it.core.pipelines.trigger('web', { approver: 'ann' });
  await waitFor(() => it.core.elastic.waiting().length === 1);
  // The example is of the pipeline's seventeenth run.
  expect((await it.ask('console-append-1', { pipelineCounter: 1 })).responseCode).toBe(200);
  expect((await it.ask('console-append-2', { pipeline_counter: 1 })).responseCode).toBe(200);
  expect(it.fixture.notes).toEqual(['creating pod', 'creating pod']);
  expect((await it.ask('console-append-2')).responseCode).toBe(500);
  stop.abort();
  await running;
});

test('what is not understood, or not known, is answered with a reason', async () => {
  await using it = await open();
  const { name } = v5Fixture('disable-agents');
  const ask = (method: string, params: unknown) => serveV5Request(it.desk, method, params);
  expect(await ask(name, { apiVersion: '1.0', requestBody: '{"agent_id":"x"}' })).toMatchObject({
    responseCode: 400,
    responseBody: expect.stringContaining('"message"'),
  });
  expect((await ask(name, { apiVersion: '7.0', requestBody: '[]' })).responseCode).toBe(404);
  expect((await ask('go.processor.nothing', { apiVersion: '1.0' })).responseCode).toBe(404);
  expect((await ask(name, 'nonsense')).responseCode).toBe(400);
});
