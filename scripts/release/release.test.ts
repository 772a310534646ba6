import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { ensureBuilt } from '../build.ts';
import { readReleaseCommand } from './release-options.ts';

const script = join(import.meta.dirname, '..', 'release.ts');

async function release(...args: string[]) {
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1893456000' };
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env });
  return stdout;
}

test('keys, a release, another one, a new root, and one less: each by one command', async () => {
  await using folder = await tempDir();
  const { bundles } = await ensureBuilt();
  const path = (...parts: string[]) => join(folder.path, ...parts);
  const keys = ['--keys', path('keys')];
  const metadata = () => readdir(path('out', 'metadata'));
  await release('--init-keys', ...keys);
  const made = await release(
    '--version',
    '1.0.0',
    '--bundles',
    bundles,
    '--out',
    path('out'),
    '--json',
    ...keys,
  );
  expect(JSON.parse(made)).toMatchObject({
    folder: path('out'),
    bundles: [{ name: 'agent-launcher' }, { name: 'agent' }],
  });
  expect(await metadata()).toEqual(
    expect.arrayContaining(['1.root.json', '1893456000.targets.json', 'timestamp.json']),
  );
  await release('--renew', '--add-to', path('out'), ...keys);
  await release('--rotate-root', '--replace', 'root,targets,online', '--add-to', path('out'), ...keys);
  expect(await metadata()).toEqual(expect.arrayContaining(['2.root.json', '1893456002.targets.json']));
  const { version } = JSON.parse(await readFile(join(bundles, '..', '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(await release('--remove', version, '--add-to', path('out'), ...keys)).toMatch(/off the list/);
});

test('same sources, keys and time: same bytes', async () => {
  await using folder = await tempDir();
  const path = (...parts: string[]) => join(folder.path, ...parts);
  await release('--init-keys', '--keys', path('keys'));
  for (const out of ['a', 'b'])
    await release('--version', '3.2.1', '--keys', path('keys'), '--out', path(out));
  const files = (await readdir(path('a'), { recursive: true, withFileTypes: true })).filter((e) =>
    e.isFile(),
  );
  expect(files.length).toBeGreaterThan(10);
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name);
    const twin = join(path('b'), file.slice(path('a').length));
    expect((await readFile(file)).equals(await readFile(twin)), file).toBe(true);
  }
});

test('what is wrong is said with its remedy, and nothing is made', async () => {
  await using folder = await tempDir();
  const keys = join(folder.path, 'keys');
  await expect(
    release('--version', '1', '--keys', keys, '--out', join(folder.path, 'out')),
  ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('--init-keys') });
  expect(await readdir(folder.path)).toEqual([]);
  expect(await release('--help')).toContain('Example');
});

for (const [args, problem] of [
  [[], /What is to be done/],
  [['--version', '1', '--keys', 'k'], /--out FOLDER or --add-to/],
  [['--version', '1', '--out', 'a', '--add-to', 'b', '--keys', 'k'], /Either/],
  [['--version', '1', '--out', 'a'], /--keys FOLDER is missing/],
  [['--remove', '1', '--keys', 'k'], /--add-to FOLDER is missing/],
  [['--rotate-root', '--replace', 'all', '--keys', 'k'], /root, targets, online/],
  [['--init-keys', '--root-threshold', '4', '--keys', 'k'], /from 1 to/],
  [['--no-such-thing'], /no-such-thing/],
] as const) {
  test(`wrong usage is told: ${args.join(' ')}`, () => {
    const { action } = readReleaseCommand(args);
    expect(action.type === 'usage' && action.problem).toMatch(problem);
  });
}
