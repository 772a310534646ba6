import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { startServerStub } from './server-stub.ts';

const BUNDLE = '/admin/agent-bundles/agent.zip';
const bundle = Buffer.from('0123456789'.repeat(100));
const md5 = createHash('md5').update(bundle).digest('hex');

test('offers bundles with digests, ranges and their status', async () => {
  await using stub = await startServerStub();
  expect((await fetch(stub.url + BUNDLE)).status).toBe(404);
  stub.offer('agent', bundle);

  const head = await fetch(stub.url + BUNDLE, { method: 'HEAD' });
  expect([head.status, head.headers.get('Content-MD5'), head.headers.get('Content-Length')]).toEqual([
    200,
    md5,
    '1000',
  ]);
  expect(head.headers.get('Repr-Digest')).toMatch(/^sha-256=:[\w+/]{43}=:$/);
  const part = await fetch(stub.url + BUNDLE, { headers: { Range: 'bytes=995-' } });
  expect([part.status, part.headers.get('Content-Range'), await part.text()]).toEqual([
    206,
    'bytes 995-999/1000',
    '56789',
  ]);
  expect((await fetch(stub.url + BUNDLE, { headers: { Range: 'bytes=1000-' } })).status).toBe(416);
  const status = await fetch(`${stub.url}/admin/agent-bundles/latest.status`);
  expect([status.headers.get('Agent-Content-MD5'), status.headers.get('Agent-Launcher-Content-MD5')]).toEqual(
    [md5, null],
  );
  expect((await fetch(`${stub.url}/admin/agent-launcher.jar`)).status).toBe(404);
});

test('has no bundles as a stock server', async () => {
  await using stub = await startServerStub({ stock: true });
  stub.offer('agent', bundle);
  expect((await fetch(stub.url + BUNDLE)).status).toBe(404);
  expect((await fetch(`${stub.url}/admin/agent-bundles/latest.status`)).status).toBe(404);
});

test('records requests, past and to come, and says what came instead', async () => {
  await using stub = await startServerStub();
  const second = stub.received(({ path }) => path === '/go/x', { count: 2 });
  await fetch(`${stub.url}/x?n=1`);
  await fetch(`${stub.url}/x?n=2`, { method: 'PUT', body: 'hi' });
  const request = await second;
  expect([request.method, request.query.get('n'), request.body.toString()]).toEqual(['PUT', '2', 'hi']);
  expect(await stub.received(({ endpoint }) => endpoint === '/x')).toBe(stub.requests[0]);
  await expect(stub.received(() => false, { timeoutMs: 1 })).rejects.toThrow(
    /0 came.*\nGET \/go\/x\nPUT \/go\/x/,
  );
});

test('answers a fault as often as it was told, then as ever', async () => {
  await using stub = await startServerStub();
  stub.offer('agent', bundle);
  const fault = stub.fault({ match: '/agent.zip', times: 2, kind: 'status', status: 503, body: 'busy' });
  const get = async () => (await fetch(stub.url + BUNDLE)).status;

  expect([await get(), await get(), await get()]).toEqual([503, 503, 200]);
  expect(fault.hits).toBe(2);
});

test('a fault can be for some requests only, for ever, and be taken back', async () => {
  await using stub = await startServerStub();
  stub.offer('agent', bundle);
  const match = ({ method }: { method: string }) => method === 'GET';
  const fault = stub.fault({ match, times: Infinity, kind: 'redirect', location: '/elsewhere' });
  const get = (method: string) => fetch(stub.url + BUNDLE, { method, redirect: 'manual' });

  expect((await get('HEAD')).status).toBe(200);
  const moved = await get('GET');
  expect([moved.status, moved.headers.get('Location')]).toEqual([302, '/elsewhere']);
  fault.remove();
  expect((await get('GET')).status).toBe(200);
});

test('loses the answer of a request that it has processed, or drops it unprocessed', async () => {
  await using stub = await startServerStub();
  const uuid = 'u';
  const register = () => fetch(`${stub.url}/admin/agent/token?uuid=${uuid}`);
  stub.fault({ match: '/token', kind: 'drop' });
  await expect(register()).rejects.toThrow('fetch failed');
  stub.fault({ match: '/token', kind: 'dropAfter' });
  await expect(register()).rejects.toThrow('fetch failed');
  expect((await register()).status).toBe(200);
  expect(stub.requests).toHaveLength(3);
});

test('spoils what is downloaded: its digest, its end, its bytes', async () => {
  await using stub = await startServerStub();
  stub.offer('agent', bundle);
  const get = () => fetch(stub.url + BUNDLE);

  stub.fault({ match: '/agent.zip', kind: 'wrongMd5' });
  const mislabelled = await get();
  expect(mislabelled.headers.get('Content-MD5')).not.toBe(md5);
  expect(await mislabelled.text()).toBe(bundle.toString());

  stub.fault({ match: '/agent.zip', kind: 'truncatedBody' });
  const cut = await get();
  expect(cut.headers.get('Content-Length')).toBe('1000');
  await expect(cut.text()).rejects.toThrow('terminated');

  stub.fault({ match: '/agent.zip', kind: 'garbageBody' });
  const garbage = await get();
  expect(garbage.headers.get('Content-MD5')).toBe(md5);
  const bytes = Buffer.from(await garbage.arrayBuffer());
  expect([bytes.length, bytes.equals(bundle)]).toEqual([1000, false]);
});

test('delays an answer, sends it slowly, or never', async () => {
  const clock = new FakeClock();
  await using stub = await startServerStub({ clock });
  stub.offer('agent', bundle);
  const get = (signal?: AbortSignal) => fetch(stub.url + BUNDLE, signal ? { signal } : {});

  stub.fault({ match: '/agent.zip', kind: 'delay', ms: 5000 });
  const delayed = get();
  await clock.untilSleeping();
  expect(clock.sleeping()).toEqual([5000]);
  await clock.advance(5000);
  expect((await delayed).status).toBe(200);

  stub.fault({ match: '/agent.zip', kind: 'slowBody', bytesPerSecond: 500 });
  const slow = await get();
  const startedAt = clock.monotonic();
  let done = false;
  const text = slow.text().finally(() => {
    done = true;
  });
  while (!done) {
    await clock.advance(20);
    await setImmediate();
  }
  expect(await text).toBe(bundle.toString());
  expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(1980);

  stub.fault({ match: '/agent.zip', kind: 'hang' });
  const abort = new AbortController();
  const hanging = get(abort.signal);
  await stub.received(({ endpoint }) => endpoint === BUNDLE, { count: 3 });
  abort.abort(new Error('enough'));
  await expect(hanging).rejects.toThrow('enough');
});

test('goes away and comes back at the same address, with what it knew', async () => {
  await using stub = await startServerStub();
  stub.offer('agent', bundle);
  const get = async () => (await fetch(stub.url + BUNDLE)).status;
  await stub.goAway();
  await expect(get()).rejects.toThrow('fetch failed');
  await stub.comeBack();
  expect(await get()).toBe(200);
});
