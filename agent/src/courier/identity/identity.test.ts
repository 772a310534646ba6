import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { parseAutoRegisterProperties } from '@go-agent/protocol';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { AutoRegisterFile, resolveAutoRegister } from './auto-register.ts';
import { IdentityFiles } from './identity-files.ts';
import { fallbackAddress, localAddress, prettyName } from './machine.ts';

test('a guid is made once and kept; a token is read without what surrounds it', async () => {
  await using home = await tempDir();
  const files = new IdentityFiles(home.path);
  expect(await files.token()).toBeUndefined();
  const guid = await files.guid();
  expect(guid).toMatch(/^[0-9a-f-]{36}$/);
  expect(await new IdentityFiles(home.path).guid()).toBe(guid);
  await files.saveToken('t0ken\n');
  expect(await files.token()).toBe('t0ken');
});

test("the operator's settings come before the environment, the environment before the file", () => {
  const file = parseAutoRegisterProperties(
    'agent.auto.register.key=file\nagent.auto.register.resources=file\nagent.auto.register.hostname=file',
  );
  const environment = { AGENT_AUTO_REGISTER_KEY: 'env', AGENT_AUTO_REGISTER_RESOURCES: 'env' };
  expect(resolveAutoRegister({ 'auto-register-key': 'set' }, environment, file)).toEqual({
    key: 'set',
    resources: 'env',
    environments: '',
    hostname: 'file',
    elasticAgentId: '',
    elasticPluginId: '',
  });
});

test('the key may lie in a file of its own, and is scrubbed from autoregister.properties only', async () => {
  await using home = await tempDir();
  const keyFile = join(home.path, 'key');
  const properties = join(home.path, 'config', 'autoregister.properties');
  await mkdir(join(home.path, 'config'));
  await writeFile(keyFile, 'from-file\n');
  await writeFile(properties, 'agent.auto.register.key=old\n');
  const file = new AutoRegisterFile(home.path, { 'auto-register-key-file': keyFile }, {});
  expect((await file.read()).key).toBe('from-file');
  await file.scrub();
  expect(await readFile(properties, 'utf8')).not.toContain('old');
  expect(await readFile(keyFile, 'utf8')).toBe('from-file\n');
});

test('a key file that cannot be read is no key, and what lies elsewhere counts', async () => {
  await using home = await tempDir();
  const settings = { 'auto-register-key-file': join(home.path, 'none') };
  expect(await new AutoRegisterFile(home.path, settings, {}).read()).toMatchObject({
    key: '',
    problem: expect.stringMatching(/ENOENT.*none/),
  });
  const other = await new AutoRegisterFile(home.path, settings, { AGENT_AUTO_REGISTER_KEY: 'env' }).read();
  expect(other.key).toBe('env');
});

test.each([
  ['NAME=x\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n', 'Debian GNU/Linux 13 (trixie)'],
  ["PRETTY_NAME='Alpine Linux v3.22'", 'Alpine Linux v3.22'],
  ['PRETTY_NAME=Void', 'Void'],
  ['NAME=x', undefined],
])('the system of %j is %s', (text, name) => {
  expect(prettyName(text)).toBe(name);
});

test('the address is that of a connection to the server, else one that is stable', async () => {
  await using server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await localAddress(`http://127.0.0.1:${port}/go`, new FakeClock())).toBe('127.0.0.1');

  const at = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
    ({
      address,
      family,
      internal,
      netmask: '',
      mac: '',
      cidr: null,
      ...(family === 'IPv6' ? { scopeid: 0 } : {}),
    }) as never;
  expect(fallbackAddress({ lo: [at('127.0.0.1', 'IPv4', true)] })).toBe('127.0.0.1');
  expect(
    fallbackAddress({ a: [at('fe80::1', 'IPv6'), at('10.0.0.9', 'IPv4')], b: [at('10.0.0.1', 'IPv4')] }),
  ).toBe('10.0.0.1');
  expect(fallbackAddress({ a: [at('fe80::1', 'IPv6')] })).toBe('fe80::1');
});
