import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { renderUserData, type UserDataOptions } from './user-data.ts';

const least: UserDataOptions = { serverUrl: 'https://ci.example.com/go', autoRegisterKey: 'open-sesame' };
const most: UserDataOptions = {
  ...least,
  autoRegisterKey: String.raw`a"b\c: 'd' #é`,
  resources: 'linux,docker: "big"',
  environments: 'prod',
  hostname: "ann's",
  elasticAgentId: 'i-0123',
  elasticPluginId: 'vm.provider',
  package: { url: "https://example.com/it's/go-agent_0.1.0_amd64.deb", sha256: 'a'.repeat(64) },
  rootCertificates: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
};

const hasCloudInit = spawnSync('cloud-init', ['--version']).status === 0;
const missing = hasCloudInit ? '' : ' (skipped: there is no cloud-init here)';

test.skipIf(!hasCloudInit)(`cloud-init finds nothing wrong with the user-data${missing}`, async () => {
  await using folder = await tempDir();
  const file = join(folder.path, 'user-data');
  const check = async (text: string) => {
    await writeFile(file, text);
    return spawnSync('cloud-init', ['schema', '--config-file', file], { encoding: 'utf8' });
  };
  for (const options of [least, most]) {
    expect(await check(renderUserData(options))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Valid/),
    });
  }
  expect((await check(renderUserData(least).replace('runcmd:', 'runcmd: 1\nx:'))).status).not.toBe(0);
});

/** What the user-data has in the file with this name; read by the YAML parser that cloud-init uses. */
function fileIn(userData: string, name: string): string {
  const script = `import sys, yaml
for entry in yaml.safe_load(sys.stdin)["write_files"]:
    if entry["path"].endswith(sys.argv[1]): sys.stdout.write(entry["content"])`;
  return spawnSync('python3', ['-c', script, name], { input: userData, encoding: 'utf8' }).stdout;
}

test.skipIf(!hasCloudInit)(`every value arrives as it was given${missing}`, () => {
  const text = renderUserData(most);
  expect(fileIn(text, '/key')).toBe(`${most.autoRegisterKey}\n`);
  expect(fileIn(text, '/settings')).toBe(
    'GO_SERVER_URL=https://ci.example.com/go\nGO_AGENT_ROOT_CERT_FILE=/etc/go-agent/server-certificates.pem\n',
  );
  expect(fileIn(text, '/server-certificates.pem')).toBe(most.rootCertificates);
  expect(fileIn(text, '/registration')).toBe(
    [
      'agent.auto.register.resources=linux,docker: "big"',
      'agent.auto.register.environments=prod',
      "agent.auto.register.hostname=ann's",
      'agent.auto.register.elasticAgent.agentId=i-0123',
      'agent.auto.register.elasticAgent.pluginId=vm.provider',
      '',
    ].join('\n'),
  );
  const script = fileIn(text, '/setup.sh');
  expect(spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
  const url = /^url=.*$/m.exec(script)?.[0];
  expect(spawnSync('sh', ['-c', `${url}; printf %s "$url"`], { encoding: 'utf8' }).stdout).toBe(
    most.package?.url,
  );
});

test('the key is in one place of the user-data, and in none of the script', () => {
  const text = renderUserData({ ...most, autoRegisterKey: 'open-sesame' });
  expect(text.split('open-sesame')).toHaveLength(2);
  expect(text).toContain('content: "open-sesame\\n"');
});

test('a machine does not wait for ever for a package whose transfer stalls', () => {
  const script = fileIn(renderUserData(most), '/setup.sh');
  expect(script).toMatch(
    /\bcurl [^;]* --connect-timeout 60 --speed-limit 1 --speed-time 60 --output "\$package"/,
  );
  expect(script).toContain('wget --quiet --timeout=60 ');
});
