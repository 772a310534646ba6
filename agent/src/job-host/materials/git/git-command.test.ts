import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { inPipeline, withOrigin } from '../testing/cached-origin.ts';
import { checkOutInTurn } from '../testing/check-out.ts';

/** Settings that people have, and that change what git does or prints. */
const GIT_CONFIG = `
[clone]
	defaultRemoteName = upstream
[color]
	ui = always
[submodule]
	recurse = true
[safe]
	bareRepository = explicit
[core]
	fsmonitor = true
`;

test('the configuration of the machine and a git hook around the agent do not lead the checkout astray', async () => {
  await using dir = await tempDir();
  const { origin, one, url } = await withOrigin(dir.path);
  const two = await origin.commit({ b: '2' });
  const config = join(dir.path, 'gitconfig');
  await writeFile(config, GIT_CONFIG);
  const env = {
    GIT_CONFIG_GLOBAL: config,
    GIT_DIR: join(origin.folder, '.git'),
    GIT_INDEX_FILE: join(dir.path, 'index'),
    GIT_WORK_TREE: origin.folder,
  };
  const outcomes = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, one, { env }),
    inPipeline('first', url, two, { env }),
    inPipeline('second', url, two, { env }),
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed', 'Passed']);
  expect(outcomes[1]?.console).not.toContain('Cloning into');
  for (const name of ['first', 'second'])
    expect(await readFile(join(dir.path, 'pipelines', name, 'b'), 'utf8')).toBe('2');
  expect(await origin.git('status', '--porcelain')).toBe('');
});

test('what the machine’s configuration says about where to fetch from counts', async () => {
  await using dir = await tempDir();
  const { one, url } = await withOrigin(dir.path);
  const config = join(dir.path, 'gitconfig');
  await writeFile(config, `[url "${url}"]\n\tinsteadOf = https://git.example.com/app\n`);
  const [outcome] = await checkOutInTurn(
    dir.path,
    inPipeline('first', 'https://git.example.com/app', one, { env: { GIT_CONFIG_GLOBAL: config } }),
  );
  expect(outcome).toMatchObject({ result: 'Passed' });
});
