import { expect, test } from 'vitest';
import { testServer } from '../testing/test-server.ts';

test('a load balancer may ask for health with HEAD, with a login required too', async () => {
  await using server = await testServer(undefined, { requireLogin: true });
  expect(await server.ask('/api/v1/health', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
});

test('who knows the newest health messages already gets 304', async () => {
  await using server = await testServer();
  const { headers, body } = await server.asAdmin('/api/server_health_messages');
  expect(JSON.parse(body)).toEqual([]);
  expect(headers['content-type']).toContain('application/vnd.go.cd+json');
  const known = { 'If-None-Match': String(headers['etag']) };
  expect(await server.asAdmin('/api/server_health_messages', { headers: known })).toMatchObject({
    status: 304,
    body: '',
  });
});
