import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testJob } from '../../../testing/test-job.ts';
import { gitRevision } from '../../../testing/test-repository.ts';
import { inPipeline, withOrigin } from '../../testing/cached-origin.ts';
import { checkOutInTurn } from '../../testing/check-out.ts';

test('a cancel in mid-clone leaves nothing running, and the next job is none the worse', async () => {
  await using dir = await tempDir();
  const { origin, one } = await withOrigin(dir.path);
  await origin.git('update-server-info');
  await using server = await stallingServer(dir.path);
  const url = `http://127.0.0.1:${server.port}/origin/.git`;
  const revisions = [gitRevision(url, [one])];
  await using job = await testJob({ home: dir.path, assignment: { materialRevisions: { revisions } } });
  const running = job.run();
  await server.stalled;
  job.cancel();
  expect(await running).toBe('Cancelled');
  expect(job.survivors()).toEqual([]);
  server.goOn();
  const [outcome] = await checkOutInTurn(dir.path, inPipeline('up42', url, one));
  expect(outcome).toMatchObject({ result: 'Passed' });
  expect(await readdir(join(dir.path, 'pipelines/up42'))).toContain('a');
});

/** Serves files, and until it is told to go on, no pack to its end. */
async function stallingServer(folder: string) {
  let stalls = true;
  const { promise: stalled, resolve } = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    readFile(join(folder, (request.url ?? '').split('?')[0] ?? '')).then(
      (content) => {
        if (!stalls || request.url?.endsWith('.pack') !== true) return response.end(content);
        response.writeHead(200, { 'Content-Length': content.length });
        response.write(content.subarray(0, 30), () => resolve());
      },
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stalled,
    goOn: () => {
      stalls = false;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}
