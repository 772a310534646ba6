import { isIP } from 'node:net';
import { check, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { describeReached } from '../describe-reached.ts';
import { durationInWords } from '../in-words.ts';
import type { Handshake } from '../probes/shake-hands.ts';
import { verificationMode } from '../probes/tls-settings.ts';

/** Of the files that are set; whatever a server does has other codes. */
const BAD_FILE = ['ENOENT', 'EACCES', 'EISDIR', 'bad-file'];
const SOON_MS = 14 * 86_400_000;
const TRUST = 'give the certificate that signed it: --set root-cert-file=FILE';

const PROBLEMS: Readonly<Record<string, readonly [saw: string, remedy: string]>> = {
  CERT_HAS_EXPIRED: ['has expired', 'renew it on the server'],
  CERT_NOT_YET_VALID: ['is not valid yet', 'check the clocks of both machines, then the certificate'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['is signed by nobody but itself', TRUST],
  SELF_SIGNED_CERT_IN_CHAIN: ['is signed by an authority that is not trusted here', TRUST],
  UNABLE_TO_GET_ISSUER_CERT: ['is signed by an authority that is not trusted here', TRUST],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['is signed by an authority that is not trusted here', TRUST],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'is signed by an authority that is not trusted here, or the server leaves out a certificate in between',
    `${TRUST}; or have the server send the whole chain`,
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'is for another name than that in server-url',
    'use the name that the certificate has, or get one for this name',
  ],
};

export const tlsCheck = check({
  name: 'tls',
  about: "the server's certificate and its chain",
  look: ({ probe }) => probe.handshake(),
  judge(handshake, { probe, settings, clock }) {
    if (handshake.type === 'failed') {
      if (BAD_FILE.includes(handshake.code))
        return skipped('a file with certificates cannot be used: see the check certificates');
      return fail(
        `${probe.host}:${probe.port} does not speak TLS (${handshake.code})`,
        "check the scheme and the port in server-url, and the server's certificate",
      );
    }
    if (handshake.type !== 'reached') return skipped(describeReached(handshake));
    if (handshake.value === undefined) {
      if (isLoopback(probe.host)) return ok('there is no TLS, and the server is on this machine');
      return warn(
        'there is no TLS: everybody on the way can read the token and the sources',
        'use the https address of the server',
      );
    }
    return judgeHandshake(handshake.value, verificationMode(settings), clock.now());
  },
});

function judgeHandshake(handshake: Handshake, mode: string, now: number): Verdict {
  const { subject, issuer, validTo, refused, problem, protocol } = handshake;
  const who = `the certificate of ${subject}, by ${issuer},`;
  if (refused !== undefined) {
    const [saw, remedy] = PROBLEMS[refused] ?? [`is not accepted (${refused})`, TRUST];
    return fail(`${who} ${saw}`, remedy);
  }
  if (mode !== 'FULL') {
    const [saw] = (problem === undefined ? undefined : PROBLEMS[problem]) ?? ['would be accepted with it'];
    return warn(
      `ssl-verification-mode is ${mode}: whoever is on the way may stand in for the server; ${who} ${saw}`,
      `set ssl-verification-mode to FULL; ${TRUST}`,
    );
  }
  const left = validTo - now;
  if (left < SOON_MS)
    return warn(`${who} expires in ${durationInWords(left)}`, 'renew it on the server in time');
  return ok(`${who} is valid for ${durationInWords(left)} (${protocol})`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
