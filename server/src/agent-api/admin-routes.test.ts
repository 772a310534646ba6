import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRegistrationFields } from '@go-agent/protocol';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { RegistrationForm, RegistrationOutcome } from '../core.ts';
import { zipOf } from '../testing/multipart.ts';
import { scriptedCore, TOKEN } from '../testing/scripted-core.ts';
import { testServer } from '../testing/test-server.ts';

const FIELDS = {
  hostname: 'build-7',
  uuid: 'u-1',
  location: '/agent',
  usablespace: '100',
  operatingSystem: 'Ubuntu 24.04',
  agentAutoRegisterKey: 'k3y',
  agentAutoRegisterResources: 'linux, docker,linux',
  agentAutoRegisterEnvironments: '',
  agentAutoRegisterHostname: '',
  elasticAgentId: '',
  elasticPluginId: '',
  token: 't=',
};

function md5(data: Buffer | string): string {
  return createHash('md5').update(data).digest('hex');
}

test('the token is plain text, a conflict 409, a missing uuid 400', async () => {
  await using server = await testServer(
    scriptedCore({
      agents: {
        token: async (uuid) =>
          uuid === 'known'
            ? { type: 'conflict', message: 'A token has already been issued for this agent.' }
            : { type: 'issued', token: TOKEN },
      },
    }),
  );
  expect(await server.ask('/admin/agent/token?uuid=u-1')).toMatchObject({ status: 200, body: TOKEN });
  expect(await server.ask('/admin/agent/token?uuid=known')).toMatchObject({
    status: 409,
    body: 'A token has already been issued for this agent.',
  });
  expect(await server.ask('/admin/agent/token?uuid=')).toMatchObject({
    status: 409,
    body: 'UUID cannot be blank.',
  });
  expect((await server.ask('/admin/agent/token')).status).toBe(400);
});

test('registration hands over all twelve fields and the address, and answers by the outcome', async () => {
  const forms: RegistrationForm[] = [];
  let outcome: RegistrationOutcome = { type: 'registered' };
  const register = async (form: RegistrationForm) => {
    forms.push(form);
    return outcome;
  };
  await using server = await testServer(scriptedCore({ agents: { register } }));
  const post = (body: string) =>
    server.ask('/admin/agent', {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' },
    });
  const answer = await post(encodeRegistrationFields(FIELDS));
  expect(answer).toMatchObject({
    status: 200,
    body: '',
    headers: { 'content-type': expect.stringContaining('application/json') },
  });
  expect(forms[0]).toMatchObject({
    uuid: 'u-1',
    usableSpace: '100',
    autoRegisterResources: ['docker', 'linux'],
    ipAddress: '127.0.0.1',
  });
  outcome = { type: 'pending' };
  expect((await post(encodeRegistrationFields(FIELDS))).status).toBe(202);
  outcome = { type: 'bad-token' };
  expect(await post(encodeRegistrationFields(FIELDS))).toMatchObject({
    status: 403,
    body: 'Not a valid token.',
  });
  outcome = { type: 'rejected', message: 'Elastic agents cannot have resources.' };
  expect(await post(encodeRegistrationFields(FIELDS))).toMatchObject({
    status: 422,
    body: 'Elastic agents cannot have resources.',
  });
  for (const name of Object.keys(FIELDS)) {
    const form = new URLSearchParams(FIELDS);
    form.delete(name);
    expect(await post(form.toString())).toMatchObject({
      status: 400,
      body: `Required parameter '${name}' is not present.`,
    });
  }
  expect(forms).toHaveLength(4);
});

test('bundles are served by digest and range, and a new one is offered once it is whole', async () => {
  await using folder = await tempDir();
  const bundlesDir = join(folder.path, 'bundles');
  await mkdir(bundlesDir);
  const first = await zipOf({ 'manifest.json': 'one' });
  await writeFile(join(bundlesDir, 'agent.zip'), first);
  let released = 0;
  const core = scriptedCore({ work: { releaseHeldRequests: () => void (released += 1) } });
  await using server = await testServer(core, { bundlesDir });
  const status = () => server.ask('/admin/agent-bundles/latest.status');
  expect((await status()).headers).toMatchObject({ 'agent-content-md5': md5(first) });
  expect((await status()).headers['agent-launcher-content-md5']).toBeUndefined();
  const head = await server.ask('/admin/agent-bundles/agent.zip', { method: 'HEAD' });
  expect(head.headers).toMatchObject({
    'content-md5': md5(first),
    'content-length': String(first.length),
    'accept-ranges': 'bytes',
    'repr-digest': `sha-256=:${createHash('sha256').update(first).digest('base64')}:`,
  });
  const part = { Range: `bytes=${first.length - 4}-` };
  expect((await server.ask('/admin/agent-bundles/agent.zip', { headers: part })).status).toBe(206);
  expect(
    (await server.ask('/admin/agent-bundles/agent.zip', { headers: { ...part, 'If-Range': '"other"' } }))
      .status,
  ).toBe(200);
  expect((await server.ask('/admin/agent-bundles/agent-launcher.zip')).status).toBe(404);

  const second = await zipOf({ 'manifest.json': 'two' });
  await using file = await open(join(bundlesDir, 'agent-launcher.zip'), 'w');
  await file.write(second.subarray(0, 30));
  await file.sync();
  const third = await zipOf({ 'manifest.json': 'three' });
  await writeFile(join(bundlesDir, 'agent.zip'), third);
  await waitFor(async () => (await status()).headers['agent-content-md5'] === md5(third));
  expect((await status()).headers['agent-launcher-content-md5']).toBeUndefined();
  await file.write(second.subarray(30));
  await waitFor(async () => (await status()).headers['agent-launcher-content-md5'] === md5(second));
  expect(released).toBe(2);
  await rm(join(bundlesDir, 'agent.zip'));
  await waitFor(async () => (await server.ask('/admin/agent-bundles/agent.zip')).status === 404);
});

test('without a folder of bundles there are none, and agents do not upgrade', async () => {
  await using server = await testServer();
  expect((await server.ask('/admin/agent-bundles/latest.status')).status).toBe(404);
  expect((await server.ask('/admin/agent-bundles/agent.zip')).status).toBe(404);
});

test("GoCD's binaries are served once the operator has put them there; the plugins are an empty zip until then", async () => {
  await using server = await testServer();
  const missing = await server.ask('/admin/agent');
  expect(missing.status).toBe(404);
  expect(missing.body).toContain('agent.jar');
  const plugins = await server.ask('/admin/agent-plugins.zip');
  expect(plugins.headers['content-md5']).toBe(
    md5(Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)])),
  );
  const before = await server.ask('/admin/latest-agent.status');
  expect(before.headers['agent-content-md5']).toBeUndefined();
  expect(before.headers['agent-plugins-content-md5']).toBe(plugins.headers['content-md5']);
  await mkdir(join(server.dataDir, 'binaries'));
  const path = join(server.dataDir, 'binaries/agent.jar');
  await writeFile(path, 'jar');
  const head = await server.ask('/admin/agent', { method: 'HEAD' });
  expect(head.headers).toMatchObject({ 'content-md5': md5('jar'), 'gocd-agent-extra-properties': '' });
  expect((await server.ask('/admin/agent')).body).toBe(await readFile(path, 'utf8'));
  expect((await server.ask('/admin/latest-agent.status')).headers['agent-content-md5']).toBe(md5('jar'));
});
