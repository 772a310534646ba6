import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testJob } from '../../testing/test-job.ts';
import { gitRevision, testRepository } from '../../testing/test-repository.ts';
import { passwordServer } from '../testing/password-server.ts';
import { gitCacheFolder } from './cache/cache-folder.ts';

async function mirrorConfig(home: string): Promise<string> {
  const cache = gitCacheFolder(home);
  const [mirror = 'none'] = (await readdir(cache)).filter((name) => name.endsWith('.git'));
  return readFile(join(cache, mirror, 'config'), 'utf8');
}

test.each([
  ['in the URL', 'bob:s3cr%20t@', {}],
  ['in the material', '', { userName: 'bob', password: 's3cr t' }],
])(
  'a password %s reaches the server, but no argument, no .git/config and no console',
  async (_, userInfo, fields) => {
    await using dir = await tempDir();
    const origin = await testRepository(join(dir.path, 'origin'));
    const revision = await origin.commit({ a: '1' });
    await origin.git('update-server-info');
    await using server = await passwordServer(dir.path, 'bob', 's3cr t');
    const url = `http://${userInfo}127.0.0.1:${server.port}/origin/.git`;
    const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    await mkdir(join(dir.path, 'bin'));
    const wrapper = join(dir.path, 'bin/git');
    await writeFile(wrapper, `#!/bin/sh\necho "$@" >> ${dir.path}/arguments\nexec ${real} "$@"\n`);
    await chmod(wrapper, 0o755);
    await using job = await testJob({
      env: { PATH: `${join(dir.path, 'bin')}:${process.env['PATH'] ?? ''}` },
      assignment: { materialRevisions: { revisions: [gitRevision(url, [revision], fields)] } },
    });
    expect(await job.run()).toBe('Passed');
    expect(await readFile(join(job.workingDir, 'a'), 'utf8')).toBe('1');
    const seen = [
      await job.console(),
      await readFile(join(dir.path, 'arguments'), 'utf8'),
      await readFile(join(job.workingDir, '.git/config'), 'utf8'),
      await mirrorConfig(job.home),
    ].join('\n');
    expect(seen).toContain('clone');
    expect(seen).not.toMatch(/s3cr/);
  },
);

test('a missing password is a failure, not a question that nobody answers', async () => {
  await using dir = await tempDir();
  await using server = await passwordServer(dir.path, 'bob', 'x');
  const revisions = [gitRevision(`http://127.0.0.1:${server.port}/r.git`, ['abc'])];
  await using job = await testJob({ assignment: { materialRevisions: { revisions } } });
  expect(await job.run()).toBe('Failed');
  expect(await job.console()).toMatch(/&2\|Failed to run git clone command for \[http.*let this agent in/);
});

test('a checkout that hangs is ended by a cancel', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  const { port } = server.address() as AddressInfo;
  const revisions = [gitRevision(`http://127.0.0.1:${port}/r.git`, ['abc'])];
  await using job = await testJob({ assignment: { materialRevisions: { revisions } } });
  const running = job.run();
  await once(server, 'request');
  job.cancel();
  expect(await running).toBe('Cancelled');
  expect(job.survivors()).toEqual([]);
});
