import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MaterialRevision, P4Material } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { killAll, shell, TEST_PATH, testJob } from '../../testing/test-job.ts';
import { checkOutInTurn, revisionOf } from '../testing/check-out.ts';
import { p4ClientName } from './p4-client-spec.ts';

function p4(revision: string, fields: Partial<P4Material> = {}): MaterialRevision {
  const material: P4Material = {
    type: 'P4Material',
    materialType: 'P4Material',
    serverAndPort: 'p4:1666',
    useTickets: false,
    view: { value: '//depot/... //any/...' },
    userName: 'bob',
    password: 's3cr t',
    ...fields,
  };
  return revisionOf(material, revision);
}

/** A p4 that writes down how it is called, and brings a file with each sync. */
async function fakeClient(folder: string) {
  const path = join(folder, 'p4');
  await writeFile(
    path,
    `#!/bin/sh
echo "$*" >> ${folder}/arguments
{ echo "--$1"; env | grep ^P4 | sort; } >> ${folder}/environment
case "$1" in login|client) { echo "--$1"; cat; } >> ${folder}/input;; sync) echo "$*" > synced;; esac
test ! -e ${folder}/fail || test "$1" != sync
`,
  );
  await chmod(path, 0o755);
  return {
    env: { PATH: `${folder}:${TEST_PATH}` },
    read: (what: 'arguments' | 'environment' | 'input') => readFile(join(folder, what), 'utf8'),
  };
}

test('makes its client and syncs; the password is in the environment of p4, and nowhere else', async () => {
  await using dir = await tempDir();
  const { env, read } = await fakeClient(dir.path);
  const client = p4ClientName('build-7', join(dir.path, 'pipelines/up42'));
  const [first, second] = await checkOutInTurn(
    dir.path,
    {
      materials: [p4('12')],
      env,
      after: async (folder) => expect(await readdir(folder)).toContain('synced'),
    },
    { materials: [p4('13')], env: { ...env, P4CONFIG: '.p4', P4USER: 'somebody' } },
  );
  expect(first).toMatchObject({ result: 'Passed' });
  expect(second).toMatchObject({ result: 'Passed' });
  expect(first?.console).toContain('pr|[go] Start updating files at revision 12 from p4:1666\n');
  expect(await read('arguments')).toBe(
    `client -i\nsync -f //${client}/...@12\nclient -i\nsync //${client}/...@13\n`,
  );
  const own = `P4CLIENT=${client}\nP4PASSWD=s3cr t\nP4PORT=p4:1666\nP4USER=bob\n`;
  expect(await read('environment')).toBe(`--client\n${own}--sync\n${own}`.repeat(2));
  expect(await read('input')).toContain(`Root: ${dir.path}/pipelines/up42\n`);
  expect(await read('input')).toContain(`View:\n\t//depot/... //${client}/...\n`);
  expect(`${first?.console}${second?.console}`).not.toContain('s3cr');
});

test('with tickets, the password goes to `p4 login` on standard input', async () => {
  await using dir = await tempDir();
  const { env, read } = await fakeClient(dir.path);
  const [outcome] = await checkOutInTurn(dir.path, { materials: [p4('12', { useTickets: true })], env });
  expect(outcome).toMatchObject({ result: 'Passed' });
  expect(await read('arguments')).toMatch(/^login\nclient -i\nsync/);
  expect(await read('input')).toMatch(/^--login\ns3cr t\n/);
  expect(await read('environment')).not.toContain('s3cr');
});

test('forces the sync after one that failed, and into a folder of another server', async () => {
  await using dir = await tempDir();
  const { env, read } = await fakeClient(dir.path);
  const fail = join(dir.path, 'fail');
  const [, failed, , other] = await checkOutInTurn(
    dir.path,
    { materials: [p4('1')], env, after: () => writeFile(fail, '') },
    { materials: [p4('2')], env, after: () => rm(fail) },
    { materials: [p4('3')], env },
    { materials: [p4('4', { serverAndPort: 'other:1666' })], env },
  );
  expect(failed?.result).toBe('Failed');
  expect(failed?.console).toContain('&2|p4 sync failed for [p4:1666] (p4 ended with exit code 1)');
  expect(other?.console).toContain('[go] Working directory has changed. Deleting and re-creating it.');
  const syncs = (await read('arguments')).split('\n').filter((line) => line.startsWith('sync'));
  expect(syncs.map((line) => line.includes(' -f '))).toEqual([true, false, true, true]);
});

test('tells the tasks the names of the clients', async () => {
  await using dir = await tempDir();
  const { env } = await fakeClient(dir.path);
  const materials = [p4('1', { folder: 'x', name: { name: 'my-Mat' } }), p4('1', { folder: 'y' })];
  await using job = await testJob({
    env,
    assignment: {
      materialRevisions: { revisions: materials },
      builders: [shell('echo "$GO_P4_CLIENT_MY_MAT $GO_P4_CLIENT_Y"')],
    },
  });
  expect(await job.run()).toBe('Passed');
  const [x, y] = ['x', 'y'].map((name) => p4ClientName('build-7', join(job.workingDir, name)));
  expect(await job.console()).toContain(`&1|${x} ${y}\n`);
});

test('tells an on-cancel task the names of the clients too', async () => {
  await using dir = await tempDir();
  const { env } = await fakeClient(dir.path);
  const cancelBuilder = shell('echo "it is $GO_P4_CLIENT_X"', { cancelBuilder: killAll });
  await using job = await testJob({
    env,
    assignment: {
      materialRevisions: { revisions: [p4('1', { folder: 'x' })] },
      builders: [shell('echo up; sleep 300', { cancelBuilder })],
    },
  });
  const running = job.run();
  await job.untilConsoleHas('&1|up');
  job.cancel();
  await running;
  expect(await job.console()).toContain(`&1|it is ${p4ClientName('build-7', join(job.workingDir, 'x'))}\n`);
});

test('a missing client is a failure that says what to do', async () => {
  await using dir = await tempDir();
  const [outcome] = await checkOutInTurn(dir.path, { materials: [p4('1')], env: { PATH: dir.path } });
  expect(outcome?.result).toBe('Failed');
  expect(outcome?.console).toMatch(
    /&2\|p4 could not be started: .*Install the Perforce client on this agent/,
  );
});
