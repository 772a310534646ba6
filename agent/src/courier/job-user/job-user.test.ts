import { lstat, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { othersMayEnter, tempDir, waitFor } from '@go-agent/runtime/testing';
import { type ServerStub, startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { reportedSteps, untilCompleted, untilNoJobs } from '../testing/observe.ts';
import { REAL_HOST, scriptWork } from '../testing/real-job.ts';
import { startAgent } from '../testing/start-agent.ts';
import { findJobUser, parseEntry } from './find-job-user.ts';

/** Content by name. */
async function uploadedFiles(stub: ServerStub): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const { zip } of stub.uploads) {
    if (zip === undefined) continue;
    const opened = await fromBufferPromise(zip, { lazyEntries: true });
    for await (const entry of opened.eachEntry()) {
      if (!entry.fileName.endsWith('/'))
        files[basename(entry.fileName)] = await text(await opened.openReadStreamPromise(entry));
    }
  }
  return files;
}

const IS_ROOT = process.getuid?.() === 0;
/** The job host runs from the sources here, and loads some of them as the other user. A bundle is in a folder that he may enter. */
const CAN_BE_READ = othersMayEnter(import.meta.dirname);
test.runIf(IS_ROOT && !CAN_BE_READ)(
  'jobs as another user are not tested: he may not enter the folder of the sources',
  ({ skip }) => skip(),
);

const RUN_AS = { ...REAL_HOST.settings, 'run-jobs-as': 'nobody' };

// Skipped where the tests do not run as root: only root may run jobs as another user.
test.runIf(IS_ROOT && CAN_BE_READ).each(['best', 'session'])(
  'a job runs as another user, who gets neither to the token nor to the journal and its sockets (%s)',
  async (containment) => {
    await using home = await tempDir();
    await using stub = await startServerStub({ stock: true });
    const nobody = await findJobUser('nobody');
    const tries = [
      'cat ../../config/token',
      'ls ../../config',
      'ls ../../jobs/1',
      'echo forged >> ../../jobs/1/console.log',
      'cat /proc/$PPID/environ',
      'kill -9 $PPID',
      'touch ../../another ../../data/another',
    ];
    const script = [
      'echo "i am $(id -u):$(id -g) $USER at $HOME"',
      ...tries.map((line) => `{ ${line}; } 2>/dev/null && echo "POSSIBLE: ${line}"`),
      'ln -s ../../config/token token.txt; echo mine > mine.txt; echo done',
      // Ended with the job, whoever it belongs to.
      'setsid sleep 1000 &',
    ].join('\n');
    const artifactPlans = ['*.txt'].map((src) => ({ artifactPlanType: 'file', src, dest: 'out' }) as const);
    stub.queueWork(scriptWork(1, script, { artifactPlans }));
    const settings = { ...RUN_AS, containment };
    const { environment } = REAL_HOST;
    await using _agent = startAgent({ home: home.path, serverUrl: stub.url, settings, environment });
    const { request } = await untilCompleted(stub);
    const token = await readFile(join(home.path, 'config', 'token'), 'utf8');
    const console = stub.consoleLog();
    expect(console).toContain(` i am ${nobody.uid}:${nobody.gid} nobody at ${nobody.home}\n`);
    expect(console).toContain(' done\n');
    expect(console.match(/ POSSIBLE: .*/g) ?? []).toEqual([]);
    expect(console).not.toContain('[go] The job host');
    const uploaded = await uploadedFiles(stub);
    expect(uploaded['mine.txt']).toBe('mine\n');
    expect(Object.values(uploaded).join()).not.toContain(token);
    expect(console).not.toContain(token);
    expect(request).toHaveProperty('jobResult');
    expect((await lstat(join(home.path, 'pipelines', 'up42', 'mine.txt'))).uid).toBe(nobody.uid);
    await untilNoJobs(home);
  },
);

test.runIf(IS_ROOT && CAN_BE_READ)(
  "a script and an upload work as another user, also in a folder that was root's before",
  async () => {
    await using home = await tempDir();
    await using stub = await startServerStub({ stock: true });
    const { environment } = REAL_HOST;
    stub.queueWork(scriptWork(1, 'mkdir -p deep/er; echo root > deep/er/file; echo x > out.txt'));
    {
      await using agent = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
      await untilCompleted(stub);
      agent.process.send({ type: 'stop' });
      await agent.exited;
    }
    const plan = { artifactPlanType: 'file', src: 'out.txt', dest: '' } as const;
    stub.queueWork(scriptWork(2, 'echo user > deep/er/file && echo y > out.txt', { artifactPlans: [plan] }));
    await using _agent = startAgent({ home: home.path, serverUrl: stub.url, settings: RUN_AS, environment });
    await waitFor(
      () => reportedSteps(stub).filter((step) => step.startsWith('report_completed')).length === 2,
    );
    expect(reportedSteps(stub).at(-1), stub.consoleLog()).toBe('report_completed Passed');
    expect((await lstat(join(home.path, 'pipelines/up42/deep/er/file'))).uid).not.toBe(0);
    expect((await stat(join(home.path, 'config'))).mode & 0o777).toBe(0o700);
    expect(await uploadedFiles(stub)).toMatchObject({ 'out.txt': 'y\n' });
    // Its temporary files, which the user owns, are gone while the agent is idle.
    await waitFor(async () => (await readdir(join(home.path, 'data', 'scratch'))).length === 0);
  },
);

test.runIf(IS_ROOT && CAN_BE_READ)(
  'an agent with a user that cannot be, or a home that user cannot reach, does not start',
  async () => {
    await expect(findJobUser('no-such-user-here')).rejects.toThrow('this machine has no such user');
    await expect(findJobUser('root')).rejects.toThrow('name another user');
    await using dir = await tempDir();
    await mkdir(join(dir.path, 'closed', 'home'), { recursive: true, mode: 0o700 });
    const home = join(dir.path, 'closed', 'home');
    await using agent = startAgent({ home, serverUrl: 'http://127.0.0.1:9/go', settings: RUN_AS });
    expect(await agent.exited).toBe(2);
    expect(await agent.log()).toContain('cannot enter');
  },
);

test.runIf(!IS_ROOT)('an agent that is not root says that it cannot run jobs as another user', async () => {
  await expect(findJobUser('nobody')).rejects.toThrow('only root may run jobs as another user');
});

test.each([
  ['go:x:112:117:Go:/var/go:/bin/bash\n', { name: 'go', uid: 112, gid: 117, home: '/var/go' }],
  ['go:x:x:117:Go:/var/go:/bin/bash', undefined],
  ['', undefined],
])('of the passwd entry %j comes %o', (line, user) => {
  expect(parseEntry(line)).toEqual(user);
});
