import { expect, test } from 'vitest';
import { parseJson } from '../../index.ts';
import { v5Fixture, v5Fixtures } from '../../testing/v5-fixture.ts';
import { decodeV5Request, decodeV5Response, decodeV5ServerRequest } from './v5-envelope.ts';
import { V5Method, V5ServerMethod } from './v5-method.ts';
import { encodeV5Body } from './v5-request-body.ts';
import {
  decodeV5Capabilities,
  decodeV5Fields,
  decodeV5Flag,
  decodeV5Icon,
  decodeV5MigrateConfig,
  decodeV5Problems,
  decodeV5Template,
  decodeV5View,
} from './v5-response-body.ts';
import {
  decodeV5AgentIds,
  decodeV5ConsoleAppend1,
  decodeV5ConsoleAppend2,
  decodeV5HealthMessages,
} from './v5-server-request-body.ts';

const FIXTURES = v5Fixtures();
const NAMED = FIXTURES.map((one) => [one.file, one] as const);

test('every request of the extension and every request to the server has a recorded message', () => {
  const recorded = new Set(FIXTURES.map(({ name }) => name));
  expect([...Object.values(V5Method), ...Object.values(V5ServerMethod)].toSorted()).toEqual(
    [...recorded].toSorted(),
  );
});

test.each(NAMED)('%s goes through its envelope without a byte changed', (_file, one) => {
  const body = one.request === undefined ? {} : { requestBody: one.request };
  const headers = { requestHeaders: {}, requestParameters: {} };
  const isForServer = one.to === 'server';
  const sent = isForServer
    ? { apiVersion: one.apiVersion ?? '', ...body }
    : { extension: 'elastic-agent', extensionVersion: '5.0', ...headers, ...body };
  const decode = isForServer ? decodeV5ServerRequest : decodeV5Request;
  expect(decode(JSON.parse(JSON.stringify(sent)))).toEqual(sent);
  const answer = { responseCode: 200, responseHeaders: {}, responseBody: one.response ?? '' };
  expect(decodeV5Response(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
});

/** By name of the request: what the plugin answers is read with it. */
const ANSWERS: Readonly<Record<string, (value: unknown) => unknown>> = {
  [V5Method.getCapabilities]: decodeV5Capabilities,
  [V5Method.getIcon]: decodeV5Icon,
  [V5Method.getProfileMetadata]: decodeV5Fields,
  [V5Method.getProfileView]: decodeV5Template,
  [V5Method.getClusterMetadata]: decodeV5Fields,
  [V5Method.getClusterView]: decodeV5Template,
  [V5Method.migrateConfig]: decodeV5MigrateConfig,
  [V5Method.validateProfile]: decodeV5Problems,
  [V5Method.validateCluster]: decodeV5Problems,
  [V5Method.shouldAssignWork]: decodeV5Flag,
  [V5Method.pluginStatusReport]: decodeV5View,
  [V5Method.clusterStatusReport]: decodeV5View,
  [V5Method.agentStatusReport]: decodeV5View,
};

test.each(NAMED.filter(([, { to, response }]) => to === 'plugin' && response !== undefined))(
  'the answer to %s is read and written again byte for byte',
  (_file, { name, response = '' }) => {
    expect(JSON.stringify(parseJson(response, ANSWERS[name] ?? (() => undefined)))).toBe(response);
  },
);

test('migrate-config is written as it is read: the plugin answers in the shape that it was sent', () => {
  const { request = '', response } = v5Fixture('migrate-config');
  expect(encodeV5Body(parseJson(request, decodeV5MigrateConfig))).toBe(request);
  expect(response).toBe(request);
});

test('of agents to disable or delete the ids are read, also where a plugin sends whole agents', () => {
  expect(parseJson(v5Fixture('disable-agents').request ?? '', decodeV5AgentIds)).toEqual([
    { agent_id: 'k8s-ea-77aa…' },
  ]);
  expect(parseJson(v5Fixture('list-agents').response ?? '', decodeV5AgentIds)).toMatchObject([
    { agent_id: 'k8s-ea-1f0c…' },
    { agent_id: 'k8s-ea-77aa…' },
  ]);
});

test('both versions of console-log.append say the same', () => {
  const [first, second] = [v5Fixture('console-append-1'), v5Fixture('console-append-2')];
  const line = parseJson(first.request ?? '', decodeV5ConsoleAppend1);
  expect(JSON.stringify(line)).toBe(first.request);
  expect(parseJson(second.request ?? '', decodeV5ConsoleAppend2)).toEqual(line);
});

test('health messages are written as they are read', () => {
  const { request = '' } = v5Fixture('add-health-messages');
  expect(JSON.stringify(parseJson(request, decodeV5HealthMessages))).toBe(request);
});
