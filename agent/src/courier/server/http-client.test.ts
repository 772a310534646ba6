import { writeFile } from 'node:fs/promises';
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CERTIFICATE_OF_ELSEWHERE, CERTIFICATE_OF_LOOPBACK, TEST_KEY } from '../testing/certificates.ts';
import { HttpClient } from './http-client.ts';
import type { TlsSettings } from './tls-options.ts';

const never = new AbortController().signal;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function plain(listener: RequestListener, answerTimeoutMs = 60_000) {
  const server = createPlainServer(listener);
  const serverUrl = `http://${await listen(server)}/go`;
  const http = await HttpClient.open({
    serverUrl,
    connectTimeoutMs: 60_000,
    answerTimeoutMs,
    tls: { mode: 'FULL' },
  });
  return {
    http,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a certificate that cannot be read is a setting that makes no sense', async () => {
  const open = HttpClient.open({
    serverUrl: 'https://localhost/go',
    connectTimeoutMs: 1000,
    answerTimeoutMs: 300,
    tls: { mode: 'FULL', rootCertFile: '/no/such/file' },
  });
  await expect(open).rejects.toMatchObject({
    code: 'agent-settings',
    message: expect.stringContaining('/no/such/file'),
  });
});

async function overTls(mode: TlsSettings['mode'], root: 'none' | 'given', cert: string): Promise<string> {
  await using folder = await tempDir();
  const rootCertFile = join(folder.path, 'root.pem');
  await writeFile(rootCertFile, cert);
  await using server = createServer({ key: TEST_KEY, cert }, (_, response) => response.end('hello'));
  const serverUrl = `https://${await listen(server)}/go`;
  const tls = { mode, ...(root === 'given' ? { rootCertFile } : {}) };
  await using http = await HttpClient.open({
    serverUrl,
    connectTimeoutMs: 60_000,
    answerTimeoutMs: 60_000,
    tls,
  });
  return (await http.sendForText({ method: 'GET', path: '/x', signal: never })).text;
}

test.each([
  ['FULL', 'given', CERTIFICATE_OF_LOOPBACK],
  ['NO_VERIFY_HOST', 'given', CERTIFICATE_OF_ELSEWHERE],
  ['NONE', 'none', CERTIFICATE_OF_ELSEWHERE],
] as const)('with %s and root certificate %s it trusts the server', async (mode, root, certificate) => {
  expect(await overTls(mode, root, certificate)).toBe('hello');
});

test.each([
  ['FULL', 'none', CERTIFICATE_OF_LOOPBACK],
  ['FULL', 'given', CERTIFICATE_OF_ELSEWHERE],
  ['NO_VERIFY_HOST', 'none', CERTIFICATE_OF_LOOPBACK],
] as const)('with %s and root certificate %s it refuses the server', async (mode, root, certificate) => {
  const sent = overTls(mode, root, certificate);
  await expect(sent).rejects.toMatchObject({ code: 'server-unreachable', retryable: true });
});

test('it keeps the session cookie until told to forget it, reads compressed answers, and follows no redirect', async () => {
  const seen: (string | undefined)[] = [];
  await using server = await plain((request, response) => {
    seen.push(request.headers.cookie);
    response.setHeader('set-cookie', ['other=1', 'JSESSIONID=node01; Path=/go; HttpOnly']);
    if (request.url === '/go/elsewhere') response.writeHead(302, { location: '/go/x' }).end();
    else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('hello'));
  });
  const { http } = server;
  const get = (path: string) => http.sendForText({ method: 'GET', path, signal: never });
  expect((await get('/x')).text).toBe('hello');
  expect((await get('/elsewhere')).status).toBe(302);
  http.forgetSession();
  await get('/x');
  expect(seen).toEqual([undefined, 'JSESSIONID=node01', undefined]);
});

test('a server that does not answer is given up after its time, one that was asked to hold its answer later', async () => {
  await using server = await plain((request, response) => {
    if (request.url === '/go/held') setImmediate(() => response.end('late'));
  }, 300);
  const get = (path: string, heldMs: number) =>
    server.http.sendForText({ method: 'GET', path, heldMs, signal: never });
  await expect(get('/hangs', 0)).rejects.toMatchObject({ code: 'server-unreachable' });
  expect((await get('/held', 60_000)).text).toBe('late');
});

test('more patience than a timer can have is as much as it can have', async () => {
  await using server = await plain((_request, response) => void setImmediate(() => response.end('late')));
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  const get = { method: 'GET', path: '/held', heldMs: 365 * 86_400_000, signal: never };
  expect((await server.http.sendForText(get)).text).toBe('late');
  process.off('warning', note);
  expect(warnings).toEqual([]);
});

test('an abort ends a request with the reason of the abort', async () => {
  await using server = await plain(() => undefined);
  const stop = new AbortController();
  const reason = new Error('enough');
  const sent = server.http.sendForText({
    method: 'GET',
    path: '/hangs',
    heldMs: 60_000,
    signal: stop.signal,
  });
  stop.abort(reason);
  await expect(sent).rejects.toBe(reason);
});
