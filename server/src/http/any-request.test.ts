import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AGENT, TOKEN } from '../testing/scripted-core.ts';
import { type TestRequest, testServer } from '../testing/test-server.ts';

const PATHS = [
  '/admin/agent',
  '/admin/agent/token?uuid=%00',
  '/admin/agent-plugins.zip',
  '/admin/agent-bundles/agent.zip',
  '/remoting/api/agent/ping',
  '/remoting/api/agent/get_work',
  '/remoting/api/agent/report_completed',
  '/remoting/files/app/7/test/1/unit/cruise-output/console.log',
  '/remoting/files/app/7/test/1/unit/some/file',
  '/files/app/7/test/1/unit/a.zip',
  '/files/app/7/test/1/unit/',
  '/files/app/7',
  '/files/%E0%A4%A',
  '/api/agents',
  `/api/agents/${AGENT}`,
  '/api/pipelines/app/schedule',
  '/api/pipelines/app/history?page_size=x&after=%20',
  '/api/pipelines/app/pause',
  '/api/pipelines/app/%2e%2e',
  '/api/stages/app/7/test/1',
  '/api/stages/app/Latest/test/run',
  '/api/jobs/app/7/test/1/unit',
  '/api/admin/encrypt',
  '/cctray.xml',
  '/nothing',
];

const headerValue = fc.oneof(
  fc.string({ unit: fc.constantFrom(...Array.from('abc 0123456789=-;,/*"+.')) }),
  fc.constantFrom(
    'application/json',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    'text/plain',
    'application/x-www-form-urlencoded',
    'true',
    'bytes=0-',
    'wait=1',
  ),
);
const header = fc.tuple(
  fc.constantFrom(
    'Content-Type',
    'Accept',
    'Range',
    'If-Range',
    'Upload-Offset',
    'X-Go-Artifact-Size',
    'X-GoCD-Confirm',
    'Cookie',
    'Referer',
    'X-Requested-With',
  ),
  headerValue.map((value) => value.trim()),
);
const body = fc.oneof(
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(
    '--x\r\nContent-Disposition: form-data; name="zipfile"; filename="a"\r\n\r\nno zip\r\n--x--\r\n',
  ),
);

/** A 500 that the reference asks for: what was uploaded cannot be saved (agent-protocol 6.3). */
const ALLOWED = /^Error saving (file|checksum file) /;

test('no body, header or path makes any route fail with 500, but where the reference says so', async () => {
  await using server = await testServer();
  const known = [
    { Authorization: `Bearer ${server.token}`, Accept: 'application/vnd.go.cd+json' },
    { 'X-Agent-GUID': AGENT, Authorization: TOKEN },
    {},
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      fc.constantFrom<NonNullable<TestRequest['method']>>('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
      fc.constantFrom<Record<string, string>>(...known),
      fc.array(header, { maxLength: 4 }),
      body,
      async (path, method, identity, headers, content) => {
        const isRead = method === 'GET' || method === 'HEAD';
        const options = { method, headers: { ...identity, ...Object.fromEntries(headers) } };
        // Each on a connection of its own: an answer before the end of the body may close it.
        const answer = await server.ask(path, isRead ? options : { ...options, body: content });
        const isFine = answer.status < 500 || ALLOWED.test(answer.body);
        expect(isFine, `${method} ${path}: ${answer.status} ${answer.body}`).toBe(true);
      },
    ),
    { numRuns: 600 },
  );
  expect((await server.ask('/api/v1/health')).status).toBe(200);
});
