import { expect, test } from 'vitest';
import type { RegistrationForm } from '../core.ts';
import { AGENT, scriptedCore, TOKEN } from '../testing/scripted-core.ts';
import { testServer } from '../testing/test-server.ts';

const Host = 'evil.example:8153';
const CONSOLE = '/files/app/7/test/1/unit/cruise-output/console.log';

test('who calls a server by a foreign name reads nothing without the token', async () => {
  await using server = await testServer();
  const put = { method: 'PUT', body: 'one', headers: { Host } } as const;
  expect((await server.asAgent(`/remoting${CONSOLE}?buildId=42`, put)).status).toBe(200);
  const Accept = 'application/vnd.go.cd+json';
  for (const path of ['/api/agents', '/cctray.xml', '/api/v1/events', CONSOLE]) {
    const refused = await server.ask(path, { headers: { Host, Accept } });
    expect(refused, path).toMatchObject({ status: 403, body: expect.stringContaining('--require-login') });
    expect(refused.headers, path).not.toHaveProperty('www-authenticate');
  }
  expect((await server.asAdmin('/api/agents', { headers: { Host } })).status).toBe(200);
  const wrong = { Host, Accept, Authorization: 'Bearer wrong' };
  expect((await server.ask('/api/agents', { headers: wrong })).status).toBe(401);
  for (const own of ['localhost', 'localhost:1', '127.0.0.1', '[::1]:8153'])
    expect((await server.ask('/api/agents', { headers: { Host: own, Accept } })).status, own).toBe(200);
});

test('a proxy may keep the name that it was called by, where reading needs the token', async () => {
  await using server = await testServer(undefined, { requireLogin: true });
  const headers = { Host: 'ci.example.com', Accept: 'application/vnd.go.cd+json' };
  expect(await server.ask('/api/agents', { headers })).toMatchObject({ status: 401 });
  expect((await server.asAdmin('/api/agents', { headers })).status).toBe(200);
});

test('only an agent that calls this machine by its own name is a local one', async () => {
  const forms: RegistrationForm[] = [];
  const register = async (form: RegistrationForm) => {
    forms.push(form);
    return { type: 'registered' } as const;
  };
  await using server = await testServer(scriptedCore({ agents: { register } }));
  const names = [
    'hostname',
    'uuid',
    'location',
    'usablespace',
    'operatingSystem',
    'agentAutoRegisterKey',
    'agentAutoRegisterResources',
    'agentAutoRegisterEnvironments',
    'agentAutoRegisterHostname',
    'elasticAgentId',
    'elasticPluginId',
    'token',
  ];
  const body = new URLSearchParams({
    ...Object.fromEntries(names.map((name) => [name, ''])),
    uuid: AGENT,
    token: TOKEN,
  }).toString();
  for (const host of ['localhost', Host]) {
    const headers = { Host: host, 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await server.ask('/admin/agent', { method: 'POST', headers, body })).status).toBe(200);
  }
  expect(forms).toMatchObject([
    { ipAddress: '127.0.0.1', isLocal: true },
    { ipAddress: '127.0.0.1', isLocal: false },
  ]);
});
