import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from './app-error.ts';
import { createLogger } from './logger.ts';
import { Secret } from './secret.ts';
import { tempDir } from './testing/temp-dir.ts';

async function lines(path: string): Promise<unknown[]> {
  return (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

test('writes JSON lines with level, time and name, from its level on, at once', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, 'logs', 'go-agent.log');
  const logger = createLogger({ file, name: 'agent', level: 'info' });
  logger.debug('not this');
  logger.info({ job: 7 }, 'taken');

  expect(await lines(file)).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      pid: process.pid,
      name: 'agent',
      job: 7,
      msg: 'taken',
    },
  ]);
});

test('writes an error with its code and causes, and no secret', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, 'go-agent.log');
  const logger = createLogger({ file, name: 'agent' });
  const err = new AppError('a-code', 'Could not register', { cause: new Error('refused') });
  logger.error({ err, token: new Secret('hunter2'), nested: { key: new Secret('hunter2') } }, 'failed');

  expect(await lines(file)).toMatchObject([
    { err: { code: 'a-code', message: 'Could not register: refused' }, token: '***', nested: { key: '***' } },
  ]);
  expect(await readFile(file, 'utf8')).not.toContain('hunter2');
});
