import { readFile } from 'node:fs/promises';
import { AppError } from '@go-agent/runtime/core';

export const VERIFICATION_MODES = ['FULL', 'NO_VERIFY_HOST', 'NONE'] as const;
export type VerificationMode = (typeof VERIFICATION_MODES)[number];

export function isVerificationMode(text: string): text is VerificationMode {
  return (VERIFICATION_MODES as readonly string[]).includes(text);
}

/** How the server's certificate is checked, and the agent's own. Paths of PEM files. */
export interface TlsSettings {
  readonly mode: VerificationMode;
  /** The only certificates trusted, if given. */
  readonly rootCertFile?: string;
  readonly certificateFile?: string;
  readonly privateKeyFile?: string;
  readonly passphraseFile?: string;
}

/** What `tls.connect` is given. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity?: () => undefined;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly passphrase?: string;
}

/** @throws AppError agent-settings if one of the files cannot be read */
export async function readTlsOptions(settings: TlsSettings): Promise<TlsOptions> {
  const { mode, rootCertFile, certificateFile, privateKeyFile, passphraseFile } = settings;
  return {
    rejectUnauthorized: mode !== 'NONE',
    ...(mode === 'NO_VERIFY_HOST' ? { checkServerIdentity: () => undefined } : {}),
    ...(rootCertFile ? { ca: await read(rootCertFile) } : {}),
    ...(certificateFile ? { cert: await read(certificateFile) } : {}),
    ...(privateKeyFile ? { key: await read(privateKeyFile) } : {}),
    ...(passphraseFile ? { passphrase: (await read(passphraseFile)).toString('utf8').trim() } : {}),
  };
}

async function read(path: string): Promise<Buffer> {
  return await readFile(path).catch((cause: unknown) => {
    throw new AppError('agent-settings', `${path}, for the connection to the server, cannot be read`, {
      cause,
    });
  });
}
