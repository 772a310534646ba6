import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { variable } from '../job-host/testing/test-job.ts';
import { untilCompleted } from './testing/observe.ts';
import { hostOf, REAL_HOST, scriptWork } from './testing/real-job.ts';
import { startAgent } from './testing/start-agent.ts';

test("a task gets the agent's environment, CI and the job's variables, and nothing that is the agent's own", async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const secret = randomUUID();
  const own = {
    GO_AGENT_HOME: home.path,
    GO_AGENT_LOG_LEVEL: 'info',
    AGENT_AUTO_REGISTER_KEY: secret,
    AGENT_AUTO_REGISTER_RESOURCES: 'linux',
    GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID: '1',
    NOTIFY_SOCKET: '/run/notify',
    WATCHDOG_USEC: '1',
    CREDENTIALS_DIRECTORY: '/run/credentials',
  };
  const inherited = {
    ...REAL_HOST.environment,
    LANG: 'C.UTF-8',
    'a.b': 'dotted',
    NODE_OPTIONS: '--no-warnings',
  };
  const properties = [
    variable('GO_PIPELINE_NAME', 'up42'),
    variable('LANG', 'de_DE.UTF-8'),
    variable('PASSWORD', 's3cret-value', true),
    variable('GO_PIPELINE_NAME', 'overridden'),
  ];
  stub.queueWork(scriptWork(1, 'env -0 > environment', { initialContext: { properties } }));
  const environment = { ...inherited, ...own };
  await using agent = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST, environment });
  await untilCompleted(stub);
  const text = await readFile(`${home.path}/pipelines/up42/environment`, 'utf8');
  const found = Object.fromEntries(
    text
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  // The shell's own.
  for (const name of ['PWD', 'OLDPWD', 'SHLVL', '_']) delete found[name];
  // dash passes on what it cannot name itself; other shells do not.
  expect({ 'a.b': 'dotted', ...found }).toEqual({
    ...inherited,
    CI: 'true',
    GO_SERVER_URL: stub.url,
    GO_PIPELINE_NAME: 'overridden',
    LANG: 'de_DE.UTF-8',
    PASSWORD: 's3cret-value',
    GO_AGENT_JOB_MARKER: expect.any(String),
  });
  expect(stub.consoleLog()).not.toContain(secret);
  expect(await agent.log()).not.toContain(secret);
});

test.runIf(process.platform === 'linux')(
  'no memory of agent and job host gets into a core file; that of the job does, as the system has it set',
  async () => {
    await using home = await tempDir();
    await using stub = await startServerStub();
    const filterOf = async (pid: number | 'self' | undefined) =>
      (await readFile(`/proc/${pid}/coredump_filter`, 'utf8')).trim();
    stub.queueWork(scriptWork(1, 'cat /proc/self/coredump_filter; sleep 1000'));
    await using agent = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
    await waitFor(() => /^&1\|/m.test(stub.consoleLog()));
    // But for the moment in which it forks the host of the next job.
    await waitFor(async () => (await filterOf(agent.process.pid)) === '00000000');
    expect(await filterOf((await hostOf(home, 1)).pid)).toBe('00000000');
    const [, ofJob] = /^&1\|\S+ (\w+)/m.exec(stub.consoleLog()) ?? [];
    expect(ofJob).toBe(await filterOf('self'));
    stub.instruct('CANCEL');
    await untilCompleted(stub);
  },
);
