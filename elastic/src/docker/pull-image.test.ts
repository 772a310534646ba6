import { createServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testCluster } from '../testing/provider-bench.ts';
import { dockerProvider } from './provider.ts';
import { pullImage, registryOf, withTag } from './pull-image.ts';

const never = new AbortController().signal;

/** An engine that has no image, and pulls as it is told to. */
async function startEngine(progress: readonly object[]) {
  const folder = await tempDir();
  const requests: { readonly url: string; readonly auth: unknown }[] = [];
  const server = createServer((request, response) => {
    const header = request.headers['x-registry-auth'];
    const auth: unknown =
      typeof header === 'string' ? JSON.parse(Buffer.from(header, 'base64').toString()) : null;
    requests.push({ url: request.url ?? '', auth });
    if (request.method === 'GET') response.writeHead(404).end('{"message":"no such image"}');
    else response.writeHead(200).end(progress.map((each) => `${JSON.stringify(each)}\n`).join(''));
  });
  const socket = join(folder.path, 'd.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    requests,
    async pull(image: string, more: Record<string, string> = {}) {
      const { cluster } = await testCluster(
        dockerProvider,
        { docker_uri: `unix://${socket}`, ...more },
        folder.path,
      );
      const tools = { ...cluster.tools, clock: systemClock };
      return pullImage(cluster.connection, image, cluster.properties, tools, never);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('an image that is not here is pulled with the login of its registry', async () => {
  await using engine = await startEngine([{ status: 'Pulling' }, { status: 'Done' }]);
  const login = { registry_username: 'me', registry_password: 'secret-word' };
  expect(await engine.pull('registry.example.com/team/agent', login)).toEqual({ ok: true });
  expect(engine.requests.at(-1)?.url).toBe(
    '/images/create?fromImage=registry.example.com%2Fteam%2Fagent&tag=latest',
  );
  expect(engine.requests.at(-1)?.auth).toEqual({
    username: 'me',
    password: 'secret-word',
    serveraddress: 'registry.example.com',
  });
});

test('a pull that fails after it was accepted is a reason', async () => {
  await using engine = await startEngine([{ status: 'Pulling' }, { error: 'manifest unknown' }]);
  expect(await engine.pull('agent:1')).toEqual({
    ok: false,
    reason: 'Image agent:1 cannot be pulled: manifest unknown',
  });
});

test('an image that must not be pulled is not', async () => {
  await using engine = await startEngine([]);
  expect(await engine.pull('agent:1', { pull: 'never' })).toMatchObject({ ok: false });
  expect(engine.requests).toHaveLength(1);
});

test.each([
  ['agent', 'agent:latest', 'https://index.docker.io/v1/'],
  ['team/agent:3', 'team/agent:3', 'https://index.docker.io/v1/'],
  ['localhost/agent', 'localhost/agent:latest', 'localhost'],
  ['registry:5000/agent', 'registry:5000/agent:latest', 'registry:5000'],
  ['r.example.com/agent@sha256:1', 'r.example.com/agent@sha256:1', 'r.example.com'],
])('%s is pulled as %s from %s', (image, tagged, registry) => {
  expect(withTag(image)).toBe(tagged);
  expect(registryOf(image)).toBe(registry);
});
