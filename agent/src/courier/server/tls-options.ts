import { readFile } from 'node:fs/promises';

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

/** @throws what the file system reports about one of the files */
export async function readTlsOptions(settings: TlsSettings): Promise<TlsOptions> {
  const { mode, rootCertFile, certificateFile, privateKeyFile, passphraseFile } = settings;
  return {
    rejectUnauthorized: mode !== 'NONE',
    ...(mode === 'NO_VERIFY_HOST' ? { checkServerIdentity: () => undefined } : {}),
    ...(rootCertFile ? { ca: await readFile(rootCertFile) } : {}),
    ...(certificateFile ? { cert: await readFile(certificateFile) } : {}),
    ...(privateKeyFile ? { key: await readFile(privateKeyFile) } : {}),
    ...(passphraseFile ? { passphrase: (await readFile(passphraseFile, 'utf8')).trim() } : {}),
  };
}
