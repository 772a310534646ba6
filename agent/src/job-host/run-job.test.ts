import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { shell, testJob, variable } from './testing/test-job.ts';

test('says each phase of a job on the console, in the words of the stock agent', async () => {
  const properties = [variable('PLAIN', 'one'), variable('TOKEN', 'hunter2', true), variable('PLAIN', 'two')];
  await using job = await testJob({
    assignment: { builders: [shell('echo out; echo "$PLAIN $TOKEN" >&2')], initialContext: { properties } },
  });
  expect(await job.run()).toBe('Passed');
  const place = `up42/1.0.7/up42_stage/1/up42_job on build-7 [${job.home}]`;
  const console = (await job.console()).replace(/Started: .*/, 'Started: T').replace(/\d+ ms/, 'N ms');
  expect(console.replace(/Containment: .*/, 'Containment: C')).toBe(
    [
      '##|[go] Job Started: T',
      '##|[go] Containment: C',
      `pr|[go] Start to prepare ${place}`,
      'pr|[go] Start to update materials.',
      'pr|',
      "pr|[go] setting environment variable 'GO_SERVER_URL' to value 'http://127.0.0.1:8153/go'",
      "pr|[go] setting environment variable 'PLAIN' to value 'one'",
      "pr|[go] setting environment variable 'TOKEN' to value '********'",
      "pr|[go] overriding environment variable 'PLAIN' with value 'two'",
      'pr|',
      `##|[go] Start to build ${place}`,
      '!!|[go] Task: echo out; echo "$PLAIN $TOKEN" >&2',
      '&1|out',
      '&2|two ******',
      '?0|[go] Task status: passed (N ms)',
      'j0|[go] Current job status: passed',
      `ar|[go] Start to upload ${place}`,
      `ex|[go] Job completed ${place}`,
      '',
    ].join('\n'),
  );
});

test('writes the events in order, the last with the result and the length of the whole console', async () => {
  await using job = await testJob({ assignment: { builders: [shell('exit 3')] } });
  expect(await job.run()).toBe('Failed');
  const events = await job.events();
  expect(events.map(({ type }) => type)).toEqual([
    'started',
    'preparing',
    'building',
    'completing',
    'completed',
  ]);
  expect(events.at(-1)).toMatchObject({ result: 'Failed', console: (await job.rawConsole()).length });
});

test('runs the tasks whose condition holds, and does not let a later task make a failure good', async () => {
  const builders = [
    shell('exit 3'),
    shell('echo skipped'),
    shell('echo on failure', { conditions: [{ status: 'failed' }] }),
    shell('echo always', { conditions: [{ status: 'any' }] }),
  ];
  await using job = await testJob({ assignment: { builders } });
  expect(await job.run()).toBe('Failed');
  const console = await job.console();
  expect(console).toMatch(/\?1\|\[go\] Task status: failed \(\d+ ms\) \(exit code: 3\)/);
  expect(console).not.toContain('skipped');
  expect(console).toContain('&1|on failure\n');
  expect(console).toContain('&1|always\n');
  expect(console).toContain('j1|[go] Current job status: failed');
});

test('gives tasks the agent’s environment without what is hidden, the job’s variables and CI', async () => {
  const properties = [variable('A', '1'), variable('A', '2')];
  await using job = await testJob({
    env: { INHERITED: 'yes', SETTING: 'secret' },
    hiddenEnvironment: ['SETTING'],
    assignment: {
      builders: [shell('echo "$A $INHERITED [$SETTING] $CI $GO_SERVER_URL"')],
      initialContext: { properties },
    },
  });
  await job.run();
  expect(await job.console()).toContain('&1|2 yes [] true http://127.0.0.1:8153/go\n');
});

test('fails the job with a line of its own when something goes wrong outside of a task', async () => {
  const secretParams = [{ secretConfigId: 'vault', key: 'k', resolved: false }];
  const properties = [{ name: 'S', value: '{{SECRET:[vault][k]}}', secure: true, secretParams }];
  await using job = await testJob({
    assignment: { builders: [shell('echo no')], initialContext: { properties } },
  });
  expect(await job.run()).toBe('Failed');
  expect(await job.console()).toContain('&2|The server did not resolve the secret k of vault in variable S');
  expect((await job.events()).map(({ type }) => type)).toEqual(['started', 'preparing', 'completed']);
});

test('empties the working folder if the stage says so, and not otherwise', async () => {
  const builders = [shell('ls; touch left')];
  await using kept = await testJob({ assignment: { builders, cleanWorkingDirectory: false } });
  await using cleaned = await testJob({ assignment: { builders, cleanWorkingDirectory: true } });
  for (const job of [kept, cleaned]) {
    await mkdir(job.workingDir, { recursive: true });
    await writeFile(`${job.workingDir}/before`, '');
    await job.run();
  }
  expect(await kept.console()).toContain('&1|before\n');
  expect(await cleaned.console()).not.toContain('&1|before\n');
  expect(await cleaned.console()).toContain(`##|[go] Cleaning working directory "${cleaned.workingDir}"`);
});

test('reports which level of containment is in force', async () => {
  for (const level of ['best', 'session'] as const) {
    await using job = await testJob({ level });
    await job.run();
    const [started] = await job.events();
    const inForce = started?.type === 'started' ? started.containment : undefined;
    const words = inForce === 'cgroup' ? 'control group' : 'session and marker';
    expect(await job.console()).toContain(`##|[go] Containment: ${words}`);
    expect(level === 'best' || inForce === 'session').toBe(true);
  }
});

test('ends what a passed job left in the background, and says so', async () => {
  await using job = await testJob({
    assignment: { builders: [shell('(trap "" TERM; sleep 300) & sleep 300 & echo ok')] },
  });
  expect(await job.run()).toBe('Passed');
  expect(job.survivors()).toEqual([]);
  expect(await job.console()).toMatch(/##\|\[go\] Ending \d+ processes? that the job left running/);
});

test.each([
  ['nohup', 'nohup sleep 300 >/dev/null 2>&1 &'],
  ['setsid', 'setsid sleep 300 &'],
  ['double fork', '( (sleep 300 &) & ) '],
])('leaves nothing running of a job that used %s', async (_, script) => {
  for (const level of ['best', 'session'] as const) {
    await using job = await testJob({ level, assignment: { builders: [shell(`${script}\necho ok`)] } });
    expect(await job.run()).toBe('Passed');
    expect(job.survivors()).toEqual([]);
  }
});

test('keeps background processes if the job says so', async () => {
  const properties = [variable('GO_AGENT_KEEP_PROCESSES', 'yes')];
  const builders = [shell('sleep 300 > /dev/null 2>&1 & echo $! > pid')];
  await using job = await testJob({ assignment: { builders, initialContext: { properties } } });
  expect(await job.run()).toBe('Passed');
  expect(await job.console()).not.toContain('Ending');
});

test('a job that is over by itself says so, though its agent is stopped while it ends what is left', async () => {
  const deaf = `setsid sh -c 'trap "" TERM; touch up; while :; do sleep 0.05; done' &`;
  const builders = [shell(`${deaf} while [ ! -e up ]; do sleep 0.01; done`)];
  await using job = await testJob({ assignment: { builders }, graceMs: 60_000 });
  const result = job.run();
  await job.untilConsoleHas('[go] Ending ');
  job.cancel('agent-stopping');
  job.hurry();
  expect(await result).toBe('Passed');
  const last = (await job.events()).at(-1);
  expect(last).toMatchObject({ type: 'completed', result: 'Passed' });
  expect(last).not.toHaveProperty('reason');
});
