import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testRepository } from '../../testing/test-repository.ts';
import { inPipeline, withOrigin } from '../testing/cached-origin.ts';
import { checkOutInTurn } from '../testing/check-out.ts';

test('submodules, those within them too, come out of the cache of the machine', async () => {
  await using dir = await tempDir();
  const inner = await testRepository(join(dir.path, 'inner'));
  await inner.commit({ deep: '1' });
  const middle = await testRepository(join(dir.path, 'middle'));
  await middle.git('submodule', '--quiet', 'add', `file://${inner.folder}`, 'with space/inner');
  await middle.commit({ m: '1' });
  const { origin, url, cache } = await withOrigin(dir.path);
  await origin.git('submodule', '--quiet', 'add', '--name', 'a.b', `file://${middle.folder}`, 'middle');
  const revision = await origin.commit({ o: '1' });
  const files = async (folder: string) => {
    const deep = join(folder, 'middle/with space/inner');
    expect(await readdir(deep)).toContain('deep');
    expect(await readFile(join(folder, '.git/modules/a.b/config'), 'utf8')).toContain(
      `url = file://${middle.folder}\n`,
    );
  };
  const env = {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'protocol.file.allow',
    GIT_CONFIG_VALUE_0: 'always',
  };
  const outcomes = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, revision, { env, after: files }),
    inPipeline('second', url, revision, { env, after: files }),
    inPipeline('second', url, revision, { env, after: files }),
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed', 'Passed']);
  const mirrors = (await readdir(dirname(cache.lock))).filter((name) => name.endsWith('.git'));
  expect(mirrors.map((name) => name.replace(/-.*/, '')).toSorted()).toEqual(['inner', 'middle', 'origin']);
  const [, second, third] = outcomes;
  expect(second?.console.match(/Fetching changes into the object cache/g)).toHaveLength(3);
  expect(third?.console).not.toContain('Cloning into');
});
