import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { Settings } from '@go-agent/protocol/launch-contract';

/** What `tls.connect` is given, from the same settings as launcher and agent. @throws if a named file cannot be read, or has no certificate in it */
export async function tlsOptions(
  settings: Settings,
): Promise<
  Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'checkServerIdentity'>
> {
  const mode = verificationMode(settings);
  const file = async (name: string) => {
    const path = settings[name];
    return path === undefined ? undefined : readFile(path);
  };
  const [ca, cert, key, passphrase] = await Promise.all([
    file('root-cert-file'),
    file('ssl-certificate-file'),
    file('ssl-private-key-file'),
    file('ssl-private-key-passphrase-file'),
  ]);
  // OpenSSL would take it for an empty list, and refuse every server.
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    throw Object.assign(new Error('root-cert-file has no certificate in it'), { code: 'bad-file' });
  return {
    rejectUnauthorized: mode !== 'NONE',
    ...(mode === 'NO_VERIFY_HOST' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(passphrase ? { passphrase: passphrase.toString('utf8').trim() } : {}),
  };
}

export function verificationMode(settings: Settings): string {
  return (settings['ssl-verification-mode'] ?? 'FULL').toUpperCase();
}
