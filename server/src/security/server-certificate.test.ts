import { X509Certificate } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { serverCertificate } from './server-certificate.ts';

const DAY_MS = 86_400_000;

test('the certificate is made once, for the names of the server, with private keys', async () => {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const first = await serverCertificate(join(folder.path, 'tls'), '10.1.2.3', clock);
  const certificate = new X509Certificate(first.cert);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('10.1.2.3')).toBe('10.1.2.3');
  expect(certificate.verify(new X509Certificate(first.ca).publicKey)).toBe(true);
  for (const name of ['ca-key.pem', 'server-key.pem']) {
    expect((await stat(join(folder.path, 'tls', name))).mode & 0o777).toBe(0o600);
  }
  expect(await serverCertificate(join(folder.path, 'tls'), '10.1.2.3', clock)).toEqual(first);
});

test('a certificate that is about to expire, or for another address, is made anew by the same authority', async () => {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const first = await serverCertificate(folder.path, '127.0.0.1', clock);
  const moved = await serverCertificate(folder.path, '10.1.2.3', clock);
  expect(moved.cert).not.toBe(first.cert);
  clock.setNow(clock.now() + 380 * DAY_MS);
  const renewed = await serverCertificate(folder.path, '10.1.2.3', clock);
  expect(renewed.cert).not.toBe(moved.cert);
  expect(renewed.ca).toBe(first.ca);
});

test('damaged files are an error that names the folder', async () => {
  await using folder = await tempDir();
  await serverCertificate(folder.path, '127.0.0.1', new FakeClock());
  await writeFile(join(folder.path, 'ca.pem'), 'no certificate');
  await expect(serverCertificate(folder.path, '127.0.0.1', new FakeClock())).rejects.toMatchObject({
    code: 'tls-files',
    message: expect.stringContaining(folder.path),
  });
});
