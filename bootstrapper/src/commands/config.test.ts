import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity, readGuidBinding } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { fakeContext } from '../testing/fake-context.ts';
import { runProgram } from './program.ts';

async function homeWith(files: Readonly<Record<string, string>>) {
  const folder = await tempDir();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder.path, name, '..'), { recursive: true, mode: 0o700 });
    await writeFile(join(folder.path, name), text, { mode: 0o600 });
  }
  return folder;
}

function statusOf(pid: number, more: object = {}): string {
  const process = processIdentity(pid) ?? { pid, startTime: 1 };
  return JSON.stringify({ version: 1, process, phase: 'running', serverUrl: 'http://last/go', ...more });
}

test('explain names each origin, as flags, environment, file, last start and properties have it', async () => {
  await using home = await homeWith({
    'settings.env': 'GO_AGENT_GRACE=3s\n',
    'config/autoregister.properties':
      'agent.auto.register.hostname=builder\nagent.auto.register.key=s3cret\n',
    'data/bootstrapper.json': statusOf(1, { settings: { 'disk-limit': '2G' } }),
  });
  const env = join(home.path, 'settings.env');
  const context = fakeContext({ environment: { GO_AGENT_ENV_FILE: env, GO_AGENT_LOG_LEVEL: 'warn' } });
  const args = ['config', 'explain', '--json', '--home', home.path, '--set', 'work-wait=1s'];
  expect(await runProgram(context, args)).toBe(0);
  const { settings } = JSON.parse(context.printed.join('\n')) as {
    settings: { name: string; value: string; from: string }[];
  };
  const shown = (name: string) => {
    const { value, from } = settings.find((one) => one.name === name)!;
    return [value, from];
  };
  expect(shown('work-wait')).toEqual(['1s', '--set work-wait']);
  expect(shown('log-level')).toEqual(['warn', 'environment: GO_AGENT_LOG_LEVEL']);
  expect(shown('grace')).toEqual(['3s', `${env}: GO_AGENT_GRACE`]);
  expect(shown('disk-limit')).toEqual(['2G', 'what the agent in this home was last started with']);
  expect(shown('server-url')).toEqual([
    'http://last/go',
    'what the agent in this home was last started with',
  ]);
  expect(shown('auto-register-hostname')).toEqual([
    'builder',
    'config/autoregister.properties: agent.auto.register.hostname',
  ]);
  expect(shown('auto-register-key')).toEqual([
    '***',
    'config/autoregister.properties: agent.auto.register.key',
  ]);
  expect(shown('ping-wait')).toEqual(['5s', 'default']);
});

test('explain ends with 1 if a value would keep the agent from starting', async () => {
  const context = fakeContext();
  expect(await runProgram(context, ['config', 'explain', '--set', 'grace=soon'])).toBe(1);
  expect(context.printed.at(-1)).toMatch(/^error: grace is "soon"/);
});

test('what Node takes from --env-file into the environment still comes from the file', async () => {
  await using home = await homeWith({ 'settings.env': 'GO_AGENT_GRACE=3s\nTOOLS=/opt\n' });
  const env = join(home.path, 'settings.env');
  const environment = { GO_AGENT_ENV_FILE: '', GO_AGENT_GRACE: '3s', TOOLS: '/opt' };
  const context = fakeContext({ environment });
  expect(await runProgram(context, ['config', 'explain', '--env-file', env])).toBe(0);
  expect(context.printed.find((line) => line.startsWith('grace '))).toContain(`${env}: GO_AGENT_GRACE`);
  expect(environment).toEqual({ GO_AGENT_ENV_FILE: '', TOOLS: '/opt' });
});

test('a new guid is bound to its home, and the token of the old one is gone', async () => {
  await using home = await homeWith({
    'config/guid.txt': 'old',
    'config/token': 't',
    'jobs/17/console.log': '',
  });
  const context = fakeContext();
  expect(await runProgram(context, ['config', 'new-guid', '--json', '--home', home.path])).toBe(0);
  const { guid, before, undeliveredJobs } = JSON.parse(context.printed.join('\n')) as Record<string, unknown>;
  expect([before, undeliveredJobs]).toEqual(['old', ['17']]);
  const file = join(home.path, 'config', 'guid.txt');
  expect(await readFile(file, 'utf8')).toBe(guid);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readGuidBinding(home.path)).toMatchObject({ guid, home: home.path });
  await expect(stat(join(home.path, 'config', 'token'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a guid is not taken from an agent that runs', async () => {
  await using home = await homeWith({
    'config/guid.txt': 'old',
    'data/bootstrapper.json': statusOf(process.pid),
  });
  const context = fakeContext();
  expect(await runProgram(context, ['config', 'new-guid', '--home', home.path])).toBe(4);
  expect(context.errors.join()).toContain('go-agent stop');
  expect(await readFile(join(home.path, 'config', 'guid.txt'), 'utf8')).toBe('old');
});
