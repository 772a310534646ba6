import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leftovers, type ProcessText } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestSystem } from './harness/test-system.ts';
import { filesWith, processesWith } from './harness/where-is.ts';

const FIRST = 'first-Secret/4711+x';
const SECOND = 'second Secret:0815&y';

/** A text as it is, and as somebody might have encoded it. */
function spellings(text: string): string[] {
  const base64 = Buffer.from(text).toString('base64');
  return [
    text,
    base64,
    base64.replaceAll('=', ''),
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
  ];
}

async function definePatient(
  system: TestSystem,
  name: string,
  secret: string,
  script: string,
): Promise<void> {
  const { encrypted_value } = await system.api.send<{ encrypted_value: string }>(
    'POST',
    '/api/admin/encrypt',
    {
      value: secret,
    },
  );
  const waiting = `while [ ! -e ${join(system.folder, `${name}-may-end`)} ]; do sleep 0.1; done`;
  await system.definePipeline(name, [
    stageOf('only', 'one', [shellTask(`${script}\necho "up and waiting"\n${waiting}`)], {
      job: { secure_variables: { PASSWORD: encrypted_value }, environment_variables: { OF_JOB: name } },
    }),
  ]);
}

async function waitUntilUp(system: TestSystem, name: string, counter: number): Promise<void> {
  const job = { pipeline: name, counter, stage: 'only', job: 'one' };
  await system.wait(async () => (await system.console(job)).includes('up and waiting\n'), {
    describe: `the job of ${name} to be up`,
  });
}

function contains({ commandLine, environment }: ProcessText, texts: readonly string[]): boolean {
  return texts.some((text) => commandLine.includes(text) || environment.includes(text));
}

const LEAKS = [
  'echo "plain $PASSWORD"',
  'printf %s "$PASSWORD" | base64',
  'echo "in the midst: x${PASSWORD}x" >&2',
  '"$PASSWORD" 2>&1 || true',
  'cd "/no/such/$PASSWORD" || true',
].join('\n');

test('the secrets of jobs and agent are nowhere but where they have to be, during the jobs and after', async () => {
  await using system = await startSystem();
  const { agent, folder } = system;
  const token = readFileSync(join(agent.home, 'config', 'token'), 'utf8').trim();
  const key = readFileSync(system.server.keyFile, 'utf8').trim();
  await definePatient(system, 'leaky', FIRST, LEAKS);
  await definePatient(system, 'other', SECOND, 'sh -c "exit 0"');

  const first = await system.trigger('leaky');
  await waitUntilUp(system, 'leaky', first);
  const during = processesWith(folder);
  const isOfJob = ({ environment }: ProcessText) => environment.includes('OF_JOB=leaky');
  expect(during.filter(isOfJob).length).toBeGreaterThan(0);
  // Server, bootstrapper, agent, job host.
  const ofSystem = during.filter((one) => !isOfJob(one));
  expect(ofSystem.length).toBeGreaterThanOrEqual(4);
  expect(ofSystem.filter((one) => contains(one, spellings(FIRST)))).toEqual([]);
  expect(during.filter((one) => contains(one, [token, key, system.server.adminToken]))).toEqual([]);
  expect(during.filter(({ commandLine }) => commandLine.includes(FIRST))).toEqual([]);
  // What the host needs to know of its job is its own; all else is masked by now.
  const [assignment = '', ...others] = filesWith(folder, spellings(FIRST));
  expect(assignment).toMatch(/\/agent-1\/jobs\/\d+\/assignment\.json$/);
  expect(statSync(assignment).mode & 0o077).toBe(0);
  expect(others).toEqual([]);
  writeFileSync(join(folder, 'leaky-may-end'), '');
  await system.waitForPass('leaky', first, 'only');

  // A job whose host is killed leaves no more than others.
  const second = await system.trigger('other');
  await waitUntilUp(system, 'other', second);
  const ofOther = processesWith('OF_JOB=other');
  expect(ofOther.filter((one) => contains(one, spellings(FIRST)))).toEqual([]);
  // Not the one that waits for the next job.
  const parents = leftovers('OF_JOB=other').map(({ parentPid }) => parentPid);
  const hosts = processesWith(folder).filter(({ commandLine }) => commandLine.includes('job-host'));
  const [host, ...more] = hosts.filter(({ pid }) => parents.includes(pid));
  expect(more).toEqual([]);
  process.kill(host!.pid, 'SIGKILL');
  const stage = await system.waitForStage('other', second, 'only');
  expect(stage.result).toBe('Failed');
  await system.waitForIdle();

  const all = [...spellings(FIRST), ...spellings(SECOND)];
  expect(filesWith(folder, all)).toEqual([]);
  expect(filesWith(folder, [token])).toEqual([join(agent.home, 'config', 'token')]);
  expect(filesWith(agent.home, [key, system.server.adminToken])).toEqual([]);
  const health = await system.api.ask('/api/server_health_messages');
  expect(all.filter((text) => health.text.includes(text))).toEqual([]);
});
