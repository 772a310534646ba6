import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MaterialRevision, SvnMaterial } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { TEST_PATH } from '../../testing/test-job.ts';
import { checkOutInTurn, revisionOf } from '../testing/check-out.ts';
import { isClientMissing } from '../testing/client-missing.ts';
import { cuttingServer } from '../testing/cutting-server.ts';

const skip = isClientMissing('svn', 'subversion');
const run = promisify(execFile);

function svn(url: string, revision: string, fields: Partial<SvnMaterial> = {}): MaterialRevision {
  const type = 'SvnMaterial';
  return revisionOf({ type, materialType: type, url: { url }, checkExternals: false, ...fields }, revision);
}

/** A repository at revision 2: the file `a` says `1` and then `2`, and `b` is new. */
async function testRepository(folder: string) {
  const env = { PATH: TEST_PATH, HOME: folder };
  const repository = join(folder, 'repo');
  const url = `file://${repository}/trunk`;
  await mkdir(join(folder, 'seed/trunk'), { recursive: true });
  await writeFile(join(folder, 'seed/trunk/a'), '1');
  await run('svnadmin', ['create', repository], { env });
  await run('svn', ['import', '-m', '1', join(folder, 'seed'), `file://${repository}`], { env });
  const copy = join(folder, 'copy');
  await run('svn', ['checkout', url, copy], { env });
  await writeFile(join(copy, 'a'), '2');
  await writeFile(join(copy, 'b'), 'new');
  await run('svn', ['add', 'b'], { cwd: copy, env });
  await run('svn', ['commit', '-m', '2'], { cwd: copy, env });
  return { url, repository, svn: (...args: string[]) => run('svn', args, { cwd: copy, env }) };
}

async function files(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== '.svn').toSorted();
}

test.skipIf(skip)('checks out a revision, and updates that for the next job, dropping changes', async () => {
  await using dir = await tempDir();
  const { url } = await testRepository(dir.path);
  const [first, second] = await checkOutInTurn(
    dir.path,
    {
      materials: [svn(url, '1')],
      async after(folder) {
        expect(await files(folder)).toEqual(['a']);
        await writeFile(join(folder, 'a'), 'changed');
        // In the way of what the next revision brings.
        await writeFile(join(folder, 'b'), 'unversioned');
      },
    },
    {
      materials: [svn(url, '2')],
      async after(folder) {
        expect(await files(folder)).toEqual(['a', 'b']);
        expect(await readFile(join(folder, 'a'), 'utf8')).toBe('2');
        expect(await readFile(join(folder, 'b'), 'utf8')).toBe('new');
      },
    },
  );
  expect(first).toMatchObject({ result: 'Passed' });
  expect(first?.console).toContain(`pr|[go] Start updating files at revision 1 from ${url}\n`);
  expect(first?.console).toContain('pr|[go] Done.\npr|\n');
  expect(first?.console).toContain('pr|Checked out revision 1.');
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).toContain('pr|Updated to revision 2.');
});

test.skipIf(skip)('replaces a working copy of another URL, and one that is broken', async () => {
  await using dir = await tempDir();
  const { url, svn: client } = await testRepository(dir.path);
  await client('copy', '-m', 'branch', `${url}@1`, url.replace('trunk', 'branch'));
  const outcomes = await checkOutInTurn(
    dir.path,
    { materials: [svn(url, '2', { folder: 'app' })] },
    {
      materials: [svn(url.replace('trunk', 'branch'), '3', { folder: 'app' })],
      after: async (folder) => expect(await files(join(folder, 'app'))).toEqual(['a']),
    },
    {
      materials: [svn(url.replace('trunk', 'branch'), '3', { folder: 'app' })],
      before: (folder) => rm(join(folder, 'app/.svn/pristine'), { recursive: true }),
      after: async (folder) => expect(await files(join(folder, 'app'))).toEqual(['a']),
    },
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed', 'Passed']);
  expect(outcomes[1]?.console).toContain('pr|Checked out revision 3.');
});

test.skipIf(skip)('keeps the working copy, and says why, when there is no such revision', async () => {
  await using dir = await tempDir();
  const { url } = await testRepository(dir.path);
  const [, outcome] = await checkOutInTurn(
    dir.path,
    { materials: [svn(url, '2')] },
    {
      materials: [svn(url, '77')],
      after: async (folder) => expect(await files(folder)).toEqual(['a', 'b']),
    },
  );
  expect(outcome?.result).toBe('Failed');
  expect(outcome?.console).toContain('pe|STDERR: svn: E160006: No such revision 77');
  expect(outcome?.console).toContain(`&2|svn update failed for [${url}] (svn ended with exit code 1)`);
});

test.skipIf(skip)('a connection that is cut off is made again, and the working copy stays', async () => {
  await using dir = await tempDir();
  const { repository } = await testRepository(dir.path);
  await using server = await cuttingServer('svnserve', ['--inetd', '--root', repository]);
  const url = `svn://127.0.0.1:${server.port}/trunk`;
  const cut = async () => server.cut(1, '');
  const outcomes = await checkOutInTurn(
    dir.path,
    { materials: [svn(url, '1')], before: cut, after: cut },
    { materials: [svn(url, '2')], after: async (folder) => expect(await files(folder)).toEqual(['a', 'b']) },
  );
  for (const { result, console } of outcomes) {
    expect(result).toBe('Passed');
    expect(console).toContain(
      'pr|[SVN] The network or the server failed, which may pass: attempt 2 of 3 in ',
    );
  }
  expect(outcomes[1]?.console).toContain('pr|Updated to revision 2.');
});

test('the password reaches svn on its standard input only', async () => {
  await using dir = await tempDir();
  const fake = join(dir.path, 'svn');
  const record = join(dir.path, 'record');
  await writeFile(fake, `#!/bin/sh\n{ echo "$@"; env; } >> ${record}.seen\ncat >> ${record}.input\n`);
  await chmod(fake, 0o755);
  const [outcome] = await checkOutInTurn(dir.path, {
    materials: [svn('https://svn.example.com/r', '7', { userName: 'bob', password: 's3cr t' })],
    env: { PATH: `${dir.path}:${TEST_PATH}` },
  });
  expect(outcome).toMatchObject({ result: 'Passed' });
  expect(await readFile(`${record}.input`, 'utf8')).toBe('s3cr t\n');
  const seen = await readFile(`${record}.seen`, 'utf8');
  expect(seen).toContain('--non-interactive checkout --revision 7 https://svn.example.com/r@7');
  expect(seen).toContain('--username bob --password-from-stdin --no-auth-cache');
  expect(seen + outcome?.console).not.toContain('s3cr');
});

test('a missing client is a failure that says what to do', async () => {
  await using dir = await tempDir();
  const [outcome] = await checkOutInTurn(dir.path, {
    materials: [svn('https://svn.example.com/r', '7')],
    env: { PATH: dir.path },
  });
  expect(outcome?.result).toBe('Failed');
  expect(outcome?.console).toMatch(/&2\|svn could not be started: .*Install Subversion on this agent/);
});
