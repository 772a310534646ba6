import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { tlsOptions, verificationMode } from './tls-settings.ts';

/** What a TLS server has shown. */
export interface Handshake {
  readonly protocol: string;
  /** Why this certificate is not accepted under the settings; undefined if it is. */
  readonly refused?: string;
  /** The same with full verification, whatever the settings. */
  readonly problem?: string;
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
}

export interface HandshakeOptions {
  readonly host: string;
  readonly port: number;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/** Looks at the certificate, whatever is wrong with it. @throws if there is no TLS on the other side, or a file is missing */
export async function shakeHands({ host, port, settings, signal }: HandshakeOptions): Promise<Handshake> {
  const options = await tlsOptions(settings);
  // Loaded only when it is used, as in send-request.ts.
  const { checkServerIdentity, connect } = process.getBuiltinModule('node:tls');
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const socket = connect(
      {
        ...options,
        host,
        port,
        rejectUnauthorized: false,
        // Asked for below: with a verdict of its own here, a chain that is wrong too would not be heard of.
        checkServerIdentity: () => undefined,
        ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      },
      () => resolve(socket),
    );
    socket.once('error', reject);
    signal.addEventListener('abort', () => socket.destroy(new Error('no answer in time')), { once: true });
  });
  const certificate = socket.getPeerCertificate();
  const chain = socket.authorizationError === null ? undefined : codeOf(socket.authorizationError);
  const name =
    checkServerIdentity(host, certificate) === undefined ? undefined : 'ERR_TLS_CERT_ALTNAME_INVALID';
  const protocol = socket.getProtocol() ?? 'unknown';
  socket.destroy();
  const mode = verificationMode(settings);
  const problem = chain ?? name;
  const refused = mode === 'NONE' ? undefined : mode === 'NO_VERIFY_HOST' ? chain : problem;
  return {
    protocol,
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validTo: Date.parse(certificate.valid_to),
    ...(problem === undefined ? {} : { problem }),
    ...(refused === undefined ? {} : { refused }),
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);
}

function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  return [subject?.CN ?? subject?.O ?? 'no name'].flat().join(', ');
}
