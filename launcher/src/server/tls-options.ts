import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { AppError } from '@go-agent/runtime';

export type TlsOptions = Pick<
  ConnectionOptions,
  'rejectUnauthorized' | 'checkServerIdentity' | 'ca' | 'cert' | 'key' | 'passphrase'
>;

/**
 * How the server's certificate is checked, from the same settings as the agent's.
 * @throws AppError launcher-settings if a named file cannot be read
 */
export async function readTlsOptions(settings: Settings): Promise<TlsOptions> {
  const mode = (settings['ssl-verification-mode'] ?? 'FULL').toUpperCase();
  const file = async (name: string) => {
    const path = settings[name];
    if (path === undefined) return undefined;
    return await readFile(path).catch((cause: unknown) => {
      throw new AppError('launcher-settings', `${name}: the file ${path} cannot be read`, { cause });
    });
  };
  const ca = await file('root-cert-file');
  const cert = await file('ssl-certificate-file');
  const key = await file('ssl-private-key-file');
  const passphrase = await file('ssl-private-key-passphrase-file');
  return {
    rejectUnauthorized: mode !== 'NONE',
    ...(mode === 'NO_VERIFY_HOST' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(passphrase ? { passphrase: passphrase.toString('utf8').trim() } : {}),
  };
}
