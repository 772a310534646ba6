import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@go-agent/runtime';
import { readGuidBinding, systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { keepGuidBinding } from './keep-guid-binding.ts';

test('a guid is bound to the home where it is first used; in a copy of that home the agent warns, and keeps what is written', async () => {
  await using folder = await tempDir();
  const [home, copy] = [join(folder.path, 'home'), join(folder.path, 'copy')];
  const file = join(folder.path, 'log');
  const log = createLogger({ file, name: 'agent', level: 'info' });
  await keepGuidBinding(home, 'g-1', systemClock, log);
  expect(await readGuidBinding(home)).toMatchObject({ guid: 'g-1', home });
  await keepGuidBinding(home, 'g-1', systemClock, log);
  expect(await readFile(file, 'utf8').catch(() => '')).toBe('');

  await cp(home, copy, { recursive: true });
  await keepGuidBinding(copy, 'g-1', systemClock, log);
  expect(await readFile(file, 'utf8')).toMatch(/The guid g-1 was copied.*go-agent config new-guid/);
  expect(await readGuidBinding(copy)).toMatchObject({ home });

  await keepGuidBinding(copy, 'g-2', systemClock, log);
  expect(await readGuidBinding(copy)).toMatchObject({ guid: 'g-2', home: copy });
});
