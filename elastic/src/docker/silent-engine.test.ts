import { createServer } from 'node:http';
import { join } from 'node:path';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testCluster } from '../testing/provider-bench.ts';
import { dockerProvider as provider } from './provider.ts';

const never = new AbortController().signal;

/** An engine that has no container, and answers nothing at all about one kind of things. */
async function startEngine(silentAbout: string) {
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await tempDir());
  let silences = 0;
  const server = createServer(({ url = '' }, response) => {
    if (url.startsWith(`/${silentAbout}/`)) silences += 1;
    else response.writeHead(404, { 'content-type': 'application/json' }).end('{"message": "no such thing"}');
  });
  const socket = join(folder.path, 'd.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  undo.defer(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { cluster, order } = await testCluster(provider, { docker_uri: `unix://${socket}` }, folder.path);
  const clock = new FakeClock();
  const kept = undo.move();
  return {
    clock,
    cluster: { ...cluster, tools: { ...cluster.tools, clock } },
    order: order('ga-1', { image: 'agent:1' }),
    untilSilent: () => waitFor(() => silences === 1),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

test.each(['containers', 'images'])(
  'an agent is not waited for when the engine does not answer about %s',
  async (kind) => {
    await using engine = await startEngine(kind);
    const { clock, cluster, order } = engine;
    const creating = expect(provider.create(order, cluster, never)).rejects.toMatchObject({
      retryable: true,
    });
    await engine.untilSilent();
    await clock.advance(30_000);
    await creating;
  },
);

test('an agent that is not wanted any more is not waited for when the engine does not answer', async () => {
  await using engine = await startEngine('containers');
  const cancel = new AbortController();
  const creating = expect(provider.create(engine.order, engine.cluster, cancel.signal)).rejects.toThrow(
    'It is not wanted any more',
  );
  await engine.untilSilent();
  cancel.abort(new Error('It is not wanted any more'));
  await creating;
});

test('a removal is not waited for when the engine does not answer', async () => {
  await using engine = await startEngine('containers');
  const removing = expect(provider.remove('ga-1', engine.cluster, never)).rejects.toMatchObject({
    retryable: true,
  });
  await engine.untilSilent();
  await engine.clock.advance(30_000);
  await removing;
});
