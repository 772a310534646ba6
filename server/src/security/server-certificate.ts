import './reflect-metadata.ts';
import { randomBytes, type webcrypto, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppError, type Clock, writeFileAtomic } from '@go-agent/runtime';
import * as x509 from '@peculiar/x509';
import { isMissing } from '../http/missing-file.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const CA_LIFE_MS = 3650 * DAY_MS;
const LIFE_MS = 397 * DAY_MS;
/** A certificate with less life left is made anew at the next start. */
const RENEW_MS = 30 * DAY_MS;

export interface TlsFiles {
  readonly key: string;
  readonly cert: string;
  /** What clients must trust. */
  readonly ca: string;
  readonly caPath: string;
}

/**
 * The server's own certificate authority and certificate, kept in `folder` (keys 0600) and made when they are missing, about
 * to expire, or for other names. A new certificate comes from the old authority, so agents go on trusting it.
 * @param bind address that the server listens on; one of the certificate's names
 * @throws AppError `tls-files`
 */
export async function serverCertificate(folder: string, bind: string, clock: Clock): Promise<TlsFiles> {
  try {
    return await loadOrMake(folder, bind, clock.now());
  } catch (error) {
    const message = `Cannot read or make the certificates in ${folder}; if they are damaged, move the folder away and start again`;
    throw new AppError('tls-files', message, { cause: error });
  }
}

async function loadOrMake(folder: string, bind: string, now: number): Promise<TlsFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const caPath = join(folder, 'ca.pem');
  const ca = (await load(folder, 'ca')) ?? (await makeCa(folder, now));
  const names = namesFor(bind);
  const stored = await load(folder, 'server');
  const server =
    stored !== undefined && isGood(stored.cert, ca.cert, names, now)
      ? stored
      : await makeServer(folder, ca, names, now);
  return { key: server.key, cert: `${server.cert}\n${ca.cert}\n`, ca: ca.cert, caPath };
}

interface Pair {
  readonly key: string;
  readonly cert: string;
}

async function load(folder: string, name: string): Promise<Pair | undefined> {
  try {
    const [key, cert] = await Promise.all(
      [`${name}-key.pem`, `${name}.pem`].map((file) => readFile(join(folder, file), 'utf8')),
    );
    return { key: (key ?? '').trim(), cert: (cert ?? '').trim() };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function save(
  folder: string,
  name: string,
  keys: webcrypto.CryptoKeyPair,
  certificate: x509.X509Certificate,
): Promise<Pair> {
  const key = x509.PemConverter.encode(
    await crypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  const cert = certificate.toString('pem');
  await writeFileAtomic(join(folder, `${name}-key.pem`), `${key}\n`, { mode: 0o600 });
  await writeFileAtomic(join(folder, `${name}.pem`), `${cert}\n`);
  return { key, cert };
}

async function makeCa(folder: string, now: number): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // Unlike any other installation's: two authorities under one name confuse clients that trust both.
    name: `CN=go-server CA ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + CA_LIFE_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return save(folder, 'ca', keys, certificate);
}

async function makeServer(folder: string, ca: Pair, names: readonly string[], now: number): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const caCertificate = new x509.X509Certificate(ca.cert);
  const pkcs8 = x509.PemConverter.decodeFirst(ca.key);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=go-server',
    issuer: caCertificate.subject,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + LIFE_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(caCertificate),
    ],
  });
  return save(folder, 'server', keys, certificate);
}

function isGood(cert: string, ca: string, names: readonly string[], now: number): boolean {
  const certificate = new X509Certificate(cert);
  return (
    Date.parse(certificate.validTo) - now > RENEW_MS &&
    certificate.verify(new X509Certificate(ca).publicKey) &&
    names.every(
      (name) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined,
    )
  );
}

function namesFor(bind: string): string[] {
  const isWildcard = bind === '0.0.0.0' || bind === '::';
  return [...new Set(['localhost', hostname(), '127.0.0.1', '::1', ...(isWildcard ? [] : [bind])])];
}

/** Positive, as RFC 5280 wants it. */
function serialNumber(): string {
  return `01${randomBytes(15).toString('hex')}`;
}
