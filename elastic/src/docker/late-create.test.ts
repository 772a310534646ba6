import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testCluster } from '../testing/provider-bench.ts';
import { dockerProvider as provider } from './provider.ts';

const never = new AbortController().signal;

/** An engine that has every image, and answers the start of its first container when it is told to. */
async function startEngine() {
  const folder = await tempDir();
  const containers = new Map<string, { readonly name: string; running: boolean }>();
  const deleted: string[] = [];
  const firstStart = Promise.withResolvers<void>();
  let starts = 0;
  const send = (response: ServerResponse, status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const find = (ref: string) =>
    [...containers].find(([id, { name }]) => id === ref || name === ref) ?? [undefined, undefined];
  const answer = async ({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, kind, ref = '', action] = new URL(url, 'http://x').pathname.split('/');
    if (kind === 'images') return void send(response, 200, {});
    if (ref === 'create') {
      const id = `id-${containers.size + deleted.length + 1}`;
      containers.set(id, { name: new URL(url, 'http://x').searchParams.get('name') ?? '', running: false });
      return void send(response, 201, { Id: id });
    }
    if (action === 'start' && ++starts === 1) await firstStart.promise;
    const [id, container] = find(ref);
    if (method === 'DELETE') deleted.push(ref);
    if (id === undefined) return void send(response, 404, { message: 'no such container' });
    if (action === 'json') return void send(response, 200, { State: { Running: container.running } });
    if (action === 'start') container.running = true;
    else containers.delete(id);
    send(response, 204, {});
  };
  const server = createServer((request, response) => void answer(request, response));
  const socket = join(folder.path, 'd.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    containers,
    deleted,
    firstStart,
    starts: () => starts,
    open: () => testCluster(provider, { docker_uri: `unix://${socket}` }, folder.path),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('a try that is given up and fails later leaves the container of the next try alone', async () => {
  await using engine = await startEngine();
  const { cluster, order } = await engine.open();
  const clock = new FakeClock();
  const slow = { ...cluster, tools: { ...cluster.tools, clock } };
  const create = () => provider.create(order('ga-1', { image: 'agent:1' }), slow, never);
  const first = expect(create()).rejects.toMatchObject({ retryable: true });
  await waitFor(() => engine.starts() === 1);
  await clock.advance(30_000);
  await first;
  expect(await create()).toEqual({ type: 'created' });
  const before = engine.deleted.length;
  engine.firstStart.resolve();
  await waitFor(() => engine.deleted.length > before);
  expect([...engine.containers]).toEqual([['id-2', { name: 'ga-1', running: true }]]);
});
