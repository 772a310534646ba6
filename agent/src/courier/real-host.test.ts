import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@go-agent/runtime/core';
import { leftovers, tempDir, waitFor } from '@go-agent/runtime/testing';
import { type ServerStub, startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { variable } from '../job-host/testing/test-job.ts';
import { reportedSteps, untilCompleted, untilNoJobs, WHOLE_JOB } from './testing/observe.ts';
import { hostOf, REAL_HOST, scriptWork, untilEvent } from './testing/real-job.ts';
import { type StartAgentOptions, startAgent } from './testing/start-agent.ts';

const { environment } = REAL_HOST;

function startRealAgent(home: string, stub: ServerStub, more: Partial<StartAgentOptions> = {}) {
  const settings = { ...REAL_HOST.settings, ...more.settings };
  return startAgent({ home, serverUrl: stub.url, environment, ...more, settings });
}

/** Notes each of its runs, says that it is up, and goes on once it may. */
const PATIENT = 'echo run >> runs; echo up; while [ ! -e go-on ]; do sleep 0.05; done; echo over';

test.each(['best', 'session'])(
  'a job whose host is killed is reported as Failed, and its tree is ended (%s)',
  async (containment) => {
    await using home = await tempDir();
    await using stub = await startServerStub();
    const trace = randomUUID();
    const initialContext = { properties: [variable('TRACE', trace)] };
    const script = 'setsid sh -c "trap : TERM; sleep 1000" & (sleep 1000 &) ; echo up; sleep 1000';
    stub.queueWork(scriptWork(1, script, { initialContext }));
    await using _agent = startRealAgent(home.path, stub, { settings: { containment } });
    await waitFor(() => stub.consoleLog().includes('up\n'));
    await waitFor(() => leftovers(trace).length > 3);
    process.kill((await hostOf(home, 1)).pid, 'SIGKILL');
    const { request } = await untilCompleted(stub);
    expect(request).toMatchObject({ jobResult: 'Failed' });
    expect(stub.consoleLog()).toMatch(/^&2\|[\d:.]+ \[go\] The job host ended unexpectedly \(process \d+\)/m);
    expect(leftovers(trace)).toEqual([]);
    await untilNoJobs(home);
  },
);

test('while a job runs, the host of the next one is made ready', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const until = (file: string) => `until [ -e ${join(home.path, file)} ]; do sleep 0.05; done`;
  stub.queueWork(scriptWork(1, until('go-1')));
  await using agent = startRealAgent(home.path, stub);
  const host = await waitFor(() => hostOf(home, 1).catch(() => undefined));
  const others = () =>
    leftovers('job-host/main.ts').filter(
      ({ pid, parentPid }) => pid !== host.pid && parentPid === agent.process.pid,
    );
  const [spare] = await waitFor(() => (others().length > 0 ? others() : undefined));
  stub.queueWork(scriptWork(2, until('go-2')));
  await writeFile(join(home.path, 'go-1'), '');
  await untilEvent(home, 2, 'started');
  expect((await hostOf(home, 2)).pid).toBe(spare?.pid);
  await writeFile(join(home.path, 'go-2'), '');
  await untilNoJobs(home);
});

test('after a restart of the machine in mid-job it is told once, and nothing runs twice', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.queueWork(scriptWork(1, PATIENT));
  {
    await using agent = startRealAgent(home.path, stub);
    await waitFor(() => stub.consoleLog().includes('up\n'));
    agent.process.kill('SIGKILL');
    await agent.exited;
  }
  const host = await hostOf(home, 1);
  process.kill(host.pid, 'SIGKILL');
  await waitFor(() => !isAlive(host));
  const files = ['events.jsonl', 'assignment.json'].map((name) => join(home.path, 'jobs', '1', name));
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"bootId":"[^"]*"/, '"bootId":"earlier"'));
  }
  // A restart would have ended it.
  await writeFile(join(home.path, 'pipelines', 'up42', 'go-on'), '');

  await using _next = startRealAgent(home.path, stub);
  await untilCompleted(stub);
  await untilNoJobs(home);
  stub.queueWork(scriptWork(2, 'echo the next'));
  await waitFor(() => reportedSteps(stub).includes('report_completed Passed'));
  // What was told just before the kill may be told again.
  expect([...new Set(reportedSteps(stub))]).toEqual([
    ...new Set(['Preparing', 'Building', 'report_completed Failed', ...WHOLE_JOB]),
  ]);
  expect(stub.consoleLog()).toContain("[go] The agent's machine was restarted while the job ran");
  expect(await readFile(join(home.path, 'pipelines', 'up42', 'runs'), 'utf8')).toBe('run\n');
});

test.each([
  ['preparing', (stub: ServerStub) => stub.received(({ endpoint }) => endpoint.endsWith('/is_ignored'))],
  ['building', (stub: ServerStub) => waitFor(() => stub.consoleLog().includes('up\n'))],
  [
    'completing',
    (stub: ServerStub) => stub.received(({ endpoint }) => endpoint.endsWith('/report_completing')),
  ],
  [
    'completed',
    (stub: ServerStub) => stub.received(({ endpoint }) => endpoint.endsWith('/report_completed')),
  ],
])(
  'a server that goes away while a job is %s gets its end once it is back, and the job ran once',
  async (phase, reached) => {
    await using home = await tempDir();
    await using stub = await startServerStub();
    const goOn = join(home.path, 'go-on');
    stub.queueWork(scriptWork(1, PATIENT.replace('go-on', goOn)));
    if (phase !== 'building') await writeFile(goOn, '');
    await using _agent = startRealAgent(home.path, stub);
    await reached(stub);
    await stub.goAway();
    await writeFile(goOn, '');
    await untilEvent(home, 1, 'completed');
    await stub.comeBack();
    await untilCompleted(stub);
    await untilNoJobs(home);
    // An answer that was lost is asked for again; what the server hears stays the same.
    expect([...new Set(reportedSteps(stub))]).toEqual(WHOLE_JOB);
    expect(await readFile(join(home.path, 'pipelines', 'up42', 'runs'), 'utf8')).toBe('run\n');
    const tasks = stub.consoleLog().match(/^&1\|.*$/gm) ?? [];
    expect(tasks.map((line) => line.split(' ')[1])).toEqual(['up', 'over']);
  },
);

test.each([
  ['is to be ignored', (stub: ServerStub) => stub.ignore(1)],
  [
    "is another agent's",
    (stub: ServerStub) => {
      const body = '{"error":"AgentUUID has changed in the middle of a job. AgentUUID:x, Build: y"}';
      stub.fault({ match: 'is_ignored', kind: 'status', status: 500, body });
    },
  ],
])(
  'a job that %s when the server is back is stopped here, and the agent takes the next one',
  async (_what, decide) => {
    await using home = await tempDir();
    await using stub = await startServerStub();
    const trace = randomUUID();
    const initialContext = { properties: [variable('TRACE', trace)] };
    stub.queueWork(scriptWork(1, 'while :; do echo tick; sleep 0.1; done', { initialContext }));
    await using agent = startRealAgent(home.path, stub);
    await waitFor(() => stub.consoleLog().includes('tick\n'));
    await stub.goAway();
    decide(stub);
    // An agent that did not notice has no reason to ask whether its job is still wanted.
    await waitFor(async () => (await agent.log()).includes('"failures":1'));
    await stub.comeBack();
    await untilNoJobs(home);
    expect(leftovers(trace)).toEqual([]);
    expect(reportedSteps(stub)).not.toContain('report_completed Passed');
    stub.queueWork(scriptWork(2, 'echo the next'));
    await waitFor(() => reportedSteps(stub).includes('report_completed Passed'));
  },
);
