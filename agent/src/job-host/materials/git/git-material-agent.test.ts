import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitMaterial } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testJob } from '../../testing/test-job.ts';
import { gitRevision, testRepository } from '../../testing/test-repository.ts';

interface Checkout {
  readonly url: string;
  readonly revisions: readonly string[];
  readonly fields?: Partial<GitMaterial>;
  /** Prepares the working folder. */
  readonly before?: (workingDir: string) => Promise<void>;
  /** Looks at the working folder while it is there. */
  readonly after?: (workingDir: string) => Promise<void>;
}

/** Runs jobs one after the other in one working folder. Resolves to result and console of each. */
async function checkOut(...checkouts: Checkout[]): Promise<{ result: string; console: string }[]> {
  await using shared = await tempDir();
  const outcomes: { result: string; console: string }[] = [];
  const workingDir = join(shared.path, 'pipelines');
  await mkdir(workingDir);
  for (const { url, revisions, fields, before, after } of checkouts) {
    await using job = await testJob({
      env: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.file.allow', GIT_CONFIG_VALUE_0: 'always' },
      assignment: {
        buildWorkingDirectory: { path: workingDir },
        materialRevisions: { revisions: [gitRevision(url, revisions, fields)] },
      },
    });
    await before?.(workingDir);
    const result = await job.run();
    outcomes.push({ result, console: await job.console() });
    await after?.(workingDir);
  }
  return outcomes;
}

async function expectFiles(folder: string, files: readonly string[]): Promise<void> {
  expect((await readdir(folder)).filter((name) => name !== '.git').toSorted()).toEqual(files);
}

test('clones to the revision, on the branch, and brings the clone up to date for the next job', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit({ a: '1' });
  const two = await origin.commit({ b: '2' });
  const url = origin.folder;
  const [first, second] = await checkOut(
    {
      url,
      revisions: [one],
      async after(folder) {
        await expectFiles(folder, ['a']);
        expect(await readFile(join(folder, '.git/HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
        await writeFile(join(folder, 'a'), 'changed');
        await writeFile(join(folder, 'untracked'), '');
      },
    },
    { url, revisions: [two], after: (folder) => expectFiles(folder, ['a', 'b']) },
  );
  expect(first).toMatchObject({ result: 'Passed' });
  expect(first?.console).toContain(`pr|[go] Start updating files at revision ${one} from ${url}\n`);
  expect(first?.console).toContain('pr|[go] Done.\npr|\n');
  expect(first?.console).toMatch(/^pe\|STDERR: Cloning into/m);
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).toContain('pr|[GIT] Fetching changes\n');
  expect(second?.console).not.toContain('Cloning into');
});

test('checks out into the material’s folder, and removes the folder of a former one', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit({ a: '1' });
  const [outcome] = await checkOut({
    url: origin.folder,
    revisions: [one],
    fields: { folder: 'deep/app' },
    before: async (folder) => void (await mkdir(join(folder, 'former/material'), { recursive: true })),
    async after(folder) {
      await expectFiles(folder, ['deep']);
      await expectFiles(join(folder, 'deep/app'), ['a']);
    },
  });
  expect(outcome?.result).toBe('Passed');
  expect(outcome?.console).toMatch(/pr\|\[go\] Deleting folder .*\/former\n/);
});

test('replaces a clone of another repository, of another branch, and a broken one', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit({ a: '1' });
  const two = await origin.commit({ b: '2' });
  const other = await testRepository(join(dir.path, 'other'));
  const third = await other.commit({ c: '3' });
  await other.git('branch', 'side');
  const outcomes = await checkOut(
    { url: origin.folder, revisions: [one] },
    { url: other.folder, revisions: [third] },
    { url: other.folder, revisions: [third], fields: { refSpecOrBranch: 'side' } },
    { url: origin.folder, revisions: [one] },
    {
      url: origin.folder,
      revisions: [two],
      before: (folder) => rm(join(folder, '.git/objects'), { recursive: true }),
      after: (folder) => expectFiles(folder, ['a', 'b']),
    },
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed', 'Passed', 'Passed', 'Passed']);
  for (const { console } of outcomes) expect(console).toContain('Cloning into');
});

test('heals a clone that git can open but not use', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit({ a: '1' });
  const two = await origin.commit({ b: '2' });
  const [, healed] = await checkOut(
    { url: origin.folder, revisions: [one] },
    {
      url: origin.folder,
      revisions: [two],
      before: (folder) => writeFile(join(folder, '.git/index'), 'rubbish'),
      after: (folder) => expectFiles(folder, ['a', 'b']),
    },
  );
  expect(healed).toMatchObject({ result: 'Passed' });
  expect(healed?.console).toContain('pr|[GIT] The existing clone cannot be used and is replaced');
});

test('goes on after a git that was killed with its locks held', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit({ a: '1' });
  const [, second] = await checkOut(
    { url: origin.folder, revisions: [one] },
    {
      url: origin.folder,
      revisions: [one],
      async before(folder) {
        await writeFile(join(folder, '.git/index.lock'), '');
        await writeFile(join(folder, '.git/refs/heads/main.lock'), '');
      },
    },
  );
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).not.toContain('Cloning into');
});

test('keeps the clone when the repository cannot be reached', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit({ a: '1' });
  const [, failed] = await checkOut(
    { url: origin.folder, revisions: [one], after: () => rm(origin.folder, { recursive: true }) },
    { url: origin.folder, revisions: [one], after: (folder) => expectFiles(folder, ['a']) },
  );
  expect(failed?.result).toBe('Failed');
  expect(failed?.console).toContain(
    `&2|git fetch failed for [${origin.folder}] (git ended with exit code 128)`,
  );
});

test('names a revision that is not in the repository', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  await origin.commit({ a: '1' });
  const gone = '0123456789012345678901234567890123456789';
  const [outcome] = await checkOut({ url: origin.folder, revisions: [gone] });
  expect(outcome?.result).toBe('Failed');
  expect(outcome?.console).toContain(
    `&2|Revision ${gone} is not in ${origin.folder}. It may have been removed`,
  );
});

test('clones as shallow as the modifications allow, and deepens for an older revision', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const commits: string[] = [];
  for (let i = 0; i < 6; i += 1) commits.push(await origin.commit({ a: String(i) }));
  const url = `file://${origin.folder}`;
  const fields = { shallowClone: true };
  const [oldest = '', , , , , newest = ''] = commits;
  const lines = async (folder: string) =>
    (await readFile(join(folder, '.git/shallow'), 'utf8')).trim().split('\n');
  const [, deepened] = await checkOut(
    {
      url,
      revisions: [newest],
      fields,
      after: async (folder) => expect(await lines(folder)).toEqual([commits[4]]),
    },
    {
      url,
      revisions: [oldest],
      fields,
      after: async (folder) => expect(await readFile(join(folder, 'a'), 'utf8')).toBe('0'),
    },
  );
  expect(deepened).toMatchObject({ result: 'Passed' });
  expect(deepened?.console).toContain('pr|[GIT] Unshallowing repository with depth 100\n');
});

test('fetches a refspec onto a branch of its own', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  await origin.commit({ a: '1' });
  await origin.git('checkout', '--quiet', '-b', 'feature');
  const pull = await origin.commit({ b: '2' });
  await origin.git('update-ref', 'refs/pull/7/head', pull);
  await origin.git('checkout', '--quiet', 'main');
  await origin.git('branch', '--quiet', '-D', 'feature');
  const checkout: Checkout = {
    url: origin.folder,
    revisions: [pull],
    fields: { refSpecOrBranch: 'refs/pull/7/head:pr-7' },
    async after(folder) {
      await expectFiles(folder, ['a', 'b']);
      expect(await readFile(join(folder, '.git/HEAD'), 'utf8')).toBe('ref: refs/heads/pr-7\n');
    },
  };
  const [first, second] = await checkOut(checkout, checkout);
  expect(first?.result).toBe('Passed');
  expect(second?.console).not.toContain('Cloning into');
});

test('checks out submodules of submodules', async () => {
  await using dir = await tempDir();
  const inner = await testRepository(join(dir.path, 'inner'));
  await inner.commit({ deep: '1' });
  const middle = await testRepository(join(dir.path, 'middle'));
  await middle.git('submodule', '--quiet', 'add', inner.folder, 'inner');
  await middle.commit({ m: '1' });
  const outer = await testRepository(join(dir.path, 'outer'));
  await outer.git('submodule', '--quiet', 'add', middle.folder, 'middle');
  const revision = await outer.commit({ o: '1' });
  const checkout: Checkout = {
    url: outer.folder,
    revisions: [revision],
    after: (folder) => expectFiles(join(folder, 'middle/inner'), ['deep']),
  };
  const outcomes = await checkOut(checkout, checkout);
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed']);
});
