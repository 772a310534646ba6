import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HgMaterial, MaterialRevision } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { TEST_PATH } from '../../testing/test-job.ts';
import { checkOutInTurn, revisionOf } from '../testing/check-out.ts';
import { isClientMissing } from '../testing/client-missing.ts';
import { passwordServer } from '../testing/password-server.ts';

const skip = isClientMissing('hg', 'mercurial');
const run = promisify(execFile);

function hg(url: string, revision: string, fields: Partial<HgMaterial> = {}): MaterialRevision {
  return revisionOf({ type: 'HgMaterial', materialType: 'HgMaterial', url: { url }, ...fields }, revision);
}

async function testRepository(folder: string) {
  const client = async (...args: string[]) => {
    const env = { PATH: TEST_PATH, HOME: folder, HGUSER: 'test', HGPLAIN: '1' };
    return (await run('hg', args, { cwd: folder, env })).stdout.trim();
  };
  await mkdir(folder, { recursive: true });
  await client('init');
  return {
    folder,
    client,
    /** Resolves to the revision. */
    async commit(name: string, content: string) {
      await writeFile(join(folder, name), content);
      await client('commit', '--addremove', '--message', name);
      return client('log', '--rev', '.', '--template', '{node}');
    },
  };
}

async function files(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== '.hg').toSorted();
}

test.skipIf(skip)('clones to the revision, and brings the clone up to date for the next job', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit('a', '1');
  const two = await origin.commit('b', '2');
  const [first, second] = await checkOutInTurn(
    dir.path,
    {
      materials: [hg(origin.folder, one, { folder: 'app' })],
      async after(folder) {
        expect(await files(join(folder, 'app'))).toEqual(['a']);
        await writeFile(join(folder, 'app/a'), 'changed');
        // As an hg leaves them that was killed on a machine which has another name now.
        await symlink('elsewhere:1', join(folder, 'app/.hg/wlock'));
        await symlink('elsewhere:1', join(folder, 'app/.hg/store/lock'));
      },
    },
    {
      materials: [hg(origin.folder, two, { folder: 'app' })],
      async after(folder) {
        expect(await files(join(folder, 'app'))).toEqual(['a', 'b']);
        expect(await readFile(join(folder, 'app/a'), 'utf8')).toBe('1');
      },
    },
  );
  expect(first).toMatchObject({ result: 'Passed' });
  expect(first?.console).toContain(`pr|[go] Start updating app at revision ${one} from ${origin.folder}\n`);
  expect(first?.console).toContain('pr|[go] Done.\npr|\n');
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).toContain(`pr|pulling from ${origin.folder}`);
});

test.skipIf(skip)('follows a branch', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  await origin.commit('a', '1');
  await origin.client('branch', 'feature');
  const revision = await origin.commit('f', '2');
  const [outcome] = await checkOutInTurn(dir.path, {
    materials: [hg(origin.folder, revision, { branch: 'feature' })],
    after: async (folder) => expect(await files(folder)).toEqual(['a', 'f']),
  });
  expect(outcome).toMatchObject({ result: 'Passed' });
});

test.skipIf(skip)('replaces a clone of another repository, and one that is broken', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit('a', '1');
  const other = await testRepository(join(dir.path, 'other'));
  const theirs = await other.commit('o', '1');
  const outcomes = await checkOutInTurn(
    dir.path,
    { materials: [hg(origin.folder, one)] },
    {
      materials: [hg(other.folder, theirs)],
      after: async (folder) => expect(await files(folder)).toEqual(['o']),
    },
    {
      materials: [hg(other.folder, theirs)],
      before: (folder) => rm(join(folder, '.hg/store/data'), { recursive: true }),
      after: async (folder) => expect(await files(folder)).toEqual(['o']),
    },
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed', 'Passed']);
  expect(outcomes[2]?.console).toContain('[HG] The existing clone cannot be used and is replaced');
});

test.skipIf(skip)('names a revision that is not in the repository, and keeps the clone', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit('a', '1');
  const gone = '0123456789012345678901234567890123456789';
  const [, outcome] = await checkOutInTurn(
    dir.path,
    { materials: [hg(origin.folder, one)] },
    { materials: [hg(origin.folder, gone)] },
  );
  expect(outcome?.result).toBe('Failed');
  expect(outcome?.console).toContain(`&2|Revision ${gone} is not in ${origin.folder}.`);
  expect(outcome?.console).not.toContain('is replaced');
});

test.skipIf(skip).each([
  ['user and password', { userName: 'bob', password: 's3cr t' }, 'bob', 's3cr t'],
  ['a token in the URL', {}, 's3crtoken', ''],
])('%s reach the server, but no argument, no .hg/hgrc and no console', async (_, fields, user, password) => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const revision = await origin.commit('a', '1');
  await using server = await passwordServer(dir.path, user, password);
  const userInfo = password === '' ? `${user}:@` : '';
  const wrapper = join(dir.path, 'bin/hg');
  await mkdir(join(dir.path, 'bin'));
  await writeFile(wrapper, `#!/bin/sh\necho "$@" >> ${dir.path}/arguments\nPATH=${TEST_PATH} exec hg "$@"\n`);
  await chmod(wrapper, 0o755);
  const url = `static-http://${userInfo}127.0.0.1:${server.port}/origin`;
  const [outcome] = await checkOutInTurn(dir.path, {
    materials: [hg(url, revision, fields)],
    env: { PATH: `${dir.path}/bin:${TEST_PATH}` },
    after: async (folder) => {
      expect(await files(folder)).toEqual(['a']);
      expect(await readFile(join(folder, '.hg/hgrc'), 'utf8')).not.toContain('s3cr');
    },
  });
  expect(outcome).toMatchObject({ result: 'Passed' });
  expect(outcome?.console).not.toContain('s3cr');
  expect(await readFile(join(dir.path, 'arguments'), 'utf8')).not.toContain('s3cr');
});

test.skipIf(skip)('a connection that is cut off is made again, and the clone stays', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit('a', '1');
  await using server = await passwordServer(dir.path, 'bob', 'pw');
  const credentials = { userName: 'bob', password: 'pw' };
  const url = `static-http://127.0.0.1:${server.port}/origin`;
  const cut = async () => server.cut(1);
  const materials = [hg(url, one, credentials)];
  const outcomes = await checkOutInTurn(dir.path, { materials, before: cut, after: cut }, { materials });
  for (const { result, console } of outcomes) {
    expect(result).toBe('Passed');
    expect(console).toContain('pr|[HG] The network or the server failed, which may pass: attempt 2 of 3 in ');
  }
  expect(outcomes[1]?.console).toContain(`pr|pulling from ${url}`);
});
