import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runServices } from '@go-agent/runtime/core';
import { expect, test } from 'vitest';
import { CoreFixture } from '../core/core-fixture.ts';
import { testServer } from '../testing/test-server.ts';

const FAKE = join(import.meta.dirname, '..', 'elastic', 'testing', 'fake-plugin', 'main.ts');
const CLUSTERS = '/api/admin/elastic/cluster_profiles';
const PROFILES = '/api/elastic/profiles';
const PLUGINS = '/api/elastic/plugins';

/** A whole server with a v5 plugin, whose cluster field `token` is secure, and which nobody uses yet. */
async function open() {
  const resources = new AsyncDisposableStack();
  const fixture = resources.use(await CoreFixture.make());
  const folder = join(fixture.folder, 'plugins', 'fake');
  await mkdir(folder, { recursive: true });
  const manifest = {
    id: 'fake',
    name: 'Fake',
    version: '1',
    dialect: 'v5',
    command: ['${node}', FAKE, 'v5'],
  };
  await writeFile(join(folder, 'plugin.json'), JSON.stringify(manifest));
  const core = await fixture.start({
    pluginFolders: [join(fixture.folder, 'plugins')],
    environment: { PATH: process.env['PATH'] },
  });
  const stop = new AbortController();
  const running = runServices(core.services, stop.signal);
  resources.defer(async () => {
    stop.abort();
    await running;
  });
  const server = resources.use(await testServer({ ...core, [Symbol.asyncDispose]: async () => undefined }));
  const send = (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object, headers = {}) =>
    server.asAdmin(path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return { fixture, server, send, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const CLUSTER = { id: 'k8s', plugin_id: 'fake', properties: [{ key: 'token', value: 'secret' }] };

test('a cluster profile is made, its secure value sealed; it is changed with its ETag only', async () => {
  await using it = await open();
  const made = await it.send('POST', CLUSTERS, CLUSTER);
  expect(made.status).toBe(200);
  expect(made.body).not.toContain('"secret"');
  expect(JSON.parse(made.body)).toMatchObject({
    id: 'k8s',
    plugin_id: 'fake',
    properties: [{ key: 'token', encrypted_value: expect.stringMatching(/^sealed:/) }],
  });
  expect((await it.send('PUT', `${CLUSTERS}/k8s`, CLUSTER, { 'If-Match': '"old"' })).status).toBe(412);
  const etag = String((await it.server.asAdmin(`${CLUSTERS}/k8s`)).headers['etag']);
  const other = { ...CLUSTER, id: 'other' };
  expect((await it.send('PUT', `${CLUSTERS}/k8s`, other, { 'If-Match': etag })).status).toBe(422);
  expect((await it.send('PUT', `${CLUSTERS}/k8s`, CLUSTER, { 'If-Match': etag })).status).toBe(200);
  expect((await it.send('POST', CLUSTERS, CLUSTER)).body).toContain('already exists');
});

test('a plugin that nobody uses is not running; it starts for the fields of its forms', async () => {
  await using it = await open();
  const all = JSON.parse((await it.server.asAdmin(PLUGINS)).body) as unknown;
  expect(all).toMatchObject([{ id: 'fake', status: 'not used', cluster_profile_fields: [] }]);
  const one = await it.server.asAdmin(`${PLUGINS}/fake`);
  expect(JSON.parse(one.body)).toMatchObject({
    id: 'fake',
    status: 'ready',
    message: null,
    cluster_profile_fields: [{ key: 'token', secret: true }],
  });
  expect(JSON.parse((await it.server.asAdmin(PLUGINS)).body)).toEqual([JSON.parse(one.body)]);
  expect((await it.server.asAdmin(`${PLUGINS}/nobody`)).status).toBe(404);
});

test('a profile needs a cluster that there is, a cluster a plugin that there is, and what is in use is not deleted', async () => {
  await using it = await open();
  const profile = { id: 'small', cluster_profile_id: 'k8s', properties: [], policy: { max_agents: 3 } };
  const orphan = await it.send('POST', PROFILES, profile);
  expect(orphan.status).toBe(422);
  expect(JSON.parse(orphan.body).data.errors).toHaveProperty('cluster_profile_id');
  const unknown = await it.send('POST', CLUSTERS, { ...CLUSTER, plugin_id: 'nobody' });
  expect(unknown.body).toContain('Plugin with id `nobody` is not found.');
  await it.send('POST', CLUSTERS, CLUSTER);
  const made = await it.send('POST', PROFILES, profile);
  expect(JSON.parse(made.body)).toMatchObject({ id: 'small', policy: { max_agents: 3, jobs_per_agent: 1 } });
  expect((await it.send('DELETE', `${CLUSTERS}/k8s`)).body).toContain('being referenced');
  expect((await it.send('DELETE', `${PROFILES}/small`)).status).toBe(200);
  expect((await it.send('DELETE', `${CLUSTERS}/k8s`)).status).toBe(200);
  expect((await it.server.asAdmin(`${CLUSTERS}/k8s`)).status).toBe(404);
});

test('what is wrong with a property is said at the property, and no secret that was sent comes back', async () => {
  await using it = await open();
  const properties = [
    { key: 'token', value: 'my-secret' },
    { key: 'token', encrypted_value: 'not-sealed' },
    { key: 'unknown', value: 'my-secret' },
  ];
  const refused = await it.send('POST', CLUSTERS, { ...CLUSTER, properties });
  expect(refused.status).toBe(422);
  expect(refused.body).not.toContain('my-secret');
  const { message, data } = JSON.parse(refused.body);
  expect(message).toMatch(
    /^Validations failed for Cluster profile 'k8s'\. Error\(s\): \[Duplicate key 'token' found, /,
  );
  const errors = { token: [expect.stringContaining('Duplicate key'), expect.any(String)] as string[] };
  expect(data).toEqual({
    id: 'k8s',
    plugin_id: 'fake',
    properties: [
      { key: 'token', encrypted_value: expect.stringMatching(/^sealed:/) as string, errors },
      { key: 'token', encrypted_value: 'not-sealed', errors },
      { key: 'unknown' },
    ],
  });
  // What the fields of a plugin that is not there are, nobody knows.
  const nobody = await it.send('POST', CLUSTERS, { ...CLUSTER, plugin_id: 'nobody', properties });
  expect(nobody.body).not.toContain('my-secret');
  expect(JSON.parse(nobody.body).data).toMatchObject({ errors: { plugin_id: [expect.any(String)] } });
});

test("a client that knows GoCD's fields only changes those: the policy, the claims and the priority stay", async () => {
  await using it = await open();
  const change = async (path: string, body: object) => {
    const etag = String((await it.server.asAdmin(path)).headers['etag']);
    return JSON.parse((await it.send('PUT', path, body, { 'If-Match': etag })).body);
  };
  await it.send('POST', CLUSTERS, { ...CLUSTER, priority: 7 });
  expect(await change(`${CLUSTERS}/k8s`, CLUSTER)).toMatchObject({ priority: 7 });
  const small = { id: 'small', cluster_profile_id: 'k8s', properties: [] };
  const policy = { max_agents: 3, min_idle: 1, queue_timeout: 60 };
  await it.send('POST', PROFILES, { ...small, policy, claims: ['gpu'] });
  const path = `${PROFILES}/small`;
  expect(await change(path, small)).toMatchObject({ policy, claims: ['gpu'] });
  expect(JSON.parse((await it.server.asAdmin(path)).body)).toMatchObject({ policy, claims: ['gpu'] });
  expect(await change(path, { ...small, policy: { max_agents: 5 }, claims: [] })).toMatchObject({
    policy: { max_agents: 5, min_idle: 0, queue_timeout: null },
    claims: [],
  });
  expect(await change(path, { ...small, policy: null })).toMatchObject({ policy: { max_agents: null } });
});

test('a status page of a plugin is shown in a sandbox, and one that it does not make is not found', async () => {
  await using it = await open();
  const page = await it.server.asAdmin('/admin/status_reports/fake');
  expect(page).toMatchObject({ status: 200, body: '<p>all well</p>' });
  expect(page.headers['content-security-policy']).toContain('sandbox');
  expect((await it.server.asAdmin('/admin/status_reports/fake/cluster/k8s')).status).toBe(404);
  expect((await it.server.asAdmin('/admin/status_reports/fake/agent/a')).status).toBe(422);
});
