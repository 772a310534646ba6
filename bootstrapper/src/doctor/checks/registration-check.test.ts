import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { Subject } from '../subject.ts';
import { registrationCheck } from './registration-check.ts';

test('a key that is not there is missed by an agent that has no token yet, and by no other', async () => {
  await using home = await tempDir();
  const keyFile = join(home.path, 'key');
  const verdict = () =>
    registrationCheck.run(
      {
        home: home.path,
        resolution: { settings: [] },
        settings: { 'auto-register-key-file': keyFile },
      } as unknown as Subject,
      new AbortController().signal,
    );
  expect(await verdict()).toMatchObject({ result: 'fail', saw: expect.stringContaining('(ENOENT)') });
  await writeFile(keyFile, '\n');
  expect(await verdict()).toMatchObject({ result: 'fail', saw: expect.stringContaining('which is empty') });
  await mkdir(join(home.path, 'config'));
  await writeFile(join(home.path, 'config', 'token'), 'a token');
  expect(await verdict()).toMatchObject({
    result: 'ok',
    saw: `the agent has a token, and needs no key; in ${keyFile} there is none (empty)`,
  });
});
