import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { chooseEnvFile } from './choose-env-file.ts';
import { parseEnvFile, readEnvFile } from './env-file.ts';

test('quotes, comments, export and text of several lines are understood; other lines are told', () => {
  const text = `# comment
GO_SERVER_URL="http://s/go"
export GO_AGENT_GRACE='5s' # why
NOTES="first
 = second"

no pair
GO_AGENT_LOG_LEVEL = debug
`;
  expect(parseEnvFile('/e', text)).toEqual({
    path: '/e',
    values: {
      GO_SERVER_URL: 'http://s/go',
      GO_AGENT_GRACE: '5s',
      NOTES: 'first\n = second',
      GO_AGENT_LOG_LEVEL: 'debug',
    },
    problems: [{ level: 'warning', message: '/e, line 7: expected NAME=value' }],
  });
});

test("a file that somebody named has to be there, the system's need not", async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'settings');
  expect(readEnvFile(path, false).problems).toEqual([]);
  expect(readEnvFile(path, true).problems).toEqual([
    { level: 'error', message: `${path} cannot be read (ENOENT)` },
  ]);
  await writeFile(path, 'A=1');
  await chmod(path, 0o600);
  expect(readEnvFile(path, true).values).toEqual({ A: '1' });
});

test('the flag names the file, else the environment; the last flag counts, and an empty name means none', async () => {
  await using folder = await tempDir();
  for (const name of ['one', 'two', 'three']) await writeFile(join(folder.path, name), `WHICH=${name}`);
  const chosen = (args: string[], environment = {}) =>
    chooseEnvFile(args, environment, folder.path)?.values['WHICH'];
  const environment = { GO_AGENT_ENV_FILE: 'three' };
  expect(chosen(['run', '--env-file', 'one', '--env-file=two'], environment)).toBe('two');
  expect(chosen(['run', '--env-file', 'one'], environment)).toBe('one');
  expect(chosen(['run'], environment)).toBe('three');
  expect(chooseEnvFile(['run'], { GO_AGENT_ENV_FILE: '' }, folder.path)).toBeUndefined();
});
