import { encodeRegistrationFields } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import { type ServerStub, startServerStub } from './server-stub.ts';

async function register(stub: ServerStub, token: string, agentAutoRegisterKey = ''): Promise<number> {
  const body = encodeRegistrationFields({
    hostname: 'h',
    uuid: 'u',
    location: '/go',
    usablespace: '1',
    operatingSystem: 'Linux',
    agentAutoRegisterKey,
    agentAutoRegisterResources: '',
    agentAutoRegisterEnvironments: '',
    agentAutoRegisterHostname: '',
    elasticAgentId: '',
    elasticPluginId: '',
    token,
  });
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return (await fetch(`${stub.url}/admin/agent`, { method: 'POST', headers, body })).status;
}

const token = (stub: ServerStub) => fetch(`${stub.url}/admin/agent/token?uuid=u`);

test('registers at once, with the token that it gave out before', async () => {
  await using stub = await startServerStub();
  expect(await register(stub, 'another token')).toBe(403);
  expect(await register(stub, await (await token(stub)).text())).toBe(200);
  expect(stub.registrations).toMatchObject([{ hostname: 'h' }]);
  expect((await token(stub)).status).toBe(409);
});

test('keeps an agent pending until it is approved or brings the key', async () => {
  await using stub = await startServerStub({ autoApprove: false, autoRegisterKey: 'k3y' });
  const issued = await (await token(stub)).text();
  expect(await register(stub, issued)).toBe(202);
  expect(await register(stub, issued, 'wrong')).toBe(202);
  stub.approve();
  expect(await register(stub, issued)).toBe(200);
  stub.forget('u');
  expect(await register(stub, issued, 'k3y')).toBe(200);
});
