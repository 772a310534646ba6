import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { smallDisk, tempDir, waitFor } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { shell } from '../job-host/testing/test-job.ts';
import { reportedSteps, untilCompleted } from './testing/observe.ts';
import { REAL_HOST, scriptWork } from './testing/real-job.ts';
import { startAgent } from './testing/start-agent.ts';

const MB = 1024 ** 2;

test('between two jobs the workspaces that were not used for the longest time go, the newest stays', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const settings = { ...REAL_HOST.settings, 'workspace-max-size': '1M' };
  const { environment } = REAL_HOST;
  const job = (buildId: number, name: string) => {
    const path = `pipelines/${name}`;
    const fill = shell('head -c 700000 /dev/zero > file', { workingDir: { path } });
    return scriptWork(buildId, '', { buildWorkingDirectory: { path }, builders: [fill] });
  };
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url, settings, environment });
  for (const [index, path] of ['first', 'second', 'third'].entries()) {
    stub.queueWork(job(index + 1, path));
    await waitFor(
      () => reportedSteps(stub).filter((step) => step === 'report_completed Passed').length > index,
    );
    await waitFor(async () => (await readdir(join(home.path, 'pipelines'))).join() === path, {
      describe: `nothing but ${path} to be left`,
    });
  }
});

test('an agent whose disk fills up stops asking for work, also while it is held, says why, and goes on by itself', async ({
  skip,
}) => {
  await using home = await smallDisk('100m');
  if (home === undefined) return skip('file systems cannot be mounted here');
  await using stub = await startServerStub();
  await mkdir(join(home.path, 'pipelines'));
  const settings = { ...REAL_HOST.settings, 'disk-limit': `${50 * MB}`, 'work-wait': '60s' };
  const { environment } = REAL_HOST;
  await using agent = startAgent({ home: home.path, serverUrl: stub.url, settings, environment });
  await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
  const ballast = join(home.path, 'ballast');
  await writeFile(ballast, Buffer.alloc(70 * MB));
  await waitFor(async () => (await agent.log()).includes('No work is asked for: '));
  const asked = stub.requests.filter(({ endpoint }) => endpoint.endsWith('/get_work')).length;
  stub.queueWork(scriptWork(1, 'echo there is room'));
  // Some pings later nobody has asked.
  const pings = stub.requests.filter(({ endpoint }) => endpoint.endsWith('/ping')).length;
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: pings + 3 });
  expect(stub.requests.filter(({ endpoint }) => endpoint.endsWith('/get_work'))).toHaveLength(asked);
  await rm(ballast);
  await untilCompleted(stub);
  expect(await agent.log()).toContain('There is enough space again');
});

test('a job that was put aside keeps its console and loses its secrets', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const left = join(home.path, 'jobs', '9');
  await mkdir(left, { recursive: true });
  await writeFile(join(left, 'assignment.json'), '{"version":99,"password":"s3cret"}');
  await writeFile(join(left, 'console.log'), 'what happened\n');
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
  await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
  const [aside = ''] = await readdir(join(home.path, 'jobs'));
  expect(aside).toMatch(/^aside-\d+-9$/);
  expect(await readdir(join(home.path, 'jobs', aside))).toEqual(['console.log']);
});
