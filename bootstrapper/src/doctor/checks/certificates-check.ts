import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { check, fail, ok, skipped, warn } from '../check.ts';
import { durationInWords } from '../in-words.ts';

interface CertificateFacts {
  readonly count: number;
  /** In words, with the names of settings and files. */
  readonly problems: readonly string[];
  /** Ends of validity, of the first that expires. */
  readonly roots: number;
  readonly own: number;
}

const FILES = [
  'root-cert-file',
  'ssl-certificate-file',
  'ssl-private-key-file',
  'ssl-private-key-passphrase-file',
];
const SOON_MS = 14 * 86_400_000;

export const certificatesCheck = check({
  name: 'certificates',
  about: "the files with the agent's own certificate and those that it trusts",
  async look({ settings }): Promise<CertificateFacts> {
    const texts = await Promise.all(FILES.map((name) => readNamed(settings, name)));
    const problems = texts.flatMap(({ problem }) => problem ?? []);
    const [roots, own, key, passphrase] = texts.map(({ text }) => text);
    const trusted = parse('root-cert-file', roots, problems);
    const shown = parse('ssl-certificate-file', own, problems);
    if (own !== undefined && key !== undefined) {
      const mismatch = keyProblem(own, key, passphrase?.trim());
      if (mismatch !== undefined) problems.push(mismatch);
    } else if ((own === undefined) !== (key === undefined) && problems.length === 0) {
      problems.push('ssl-certificate-file and ssl-private-key-file only work together, and one is missing');
    }
    return {
      count: FILES.filter((name) => settings[name] !== undefined).length,
      problems,
      roots: firstEnd(trusted),
      own: firstEnd(shown),
    };
  },
  judge({ count, problems, roots, own }, { clock }) {
    if (count === 0) return skipped('no files are set: the certificates of the system count');
    if (problems.length > 0)
      return fail(problems.join('; '), 'put the right files there, in PEM, readable for the agent');
    const [rootsLeft, ownLeft] = [roots - clock.now(), own - clock.now()];
    if (ownLeft < 0)
      return fail(
        `the agent's own certificate expired ${durationInWords(ownLeft)} ago`,
        'replace it by a newer one',
      );
    if (rootsLeft < 0)
      return warn(
        `a certificate in root-cert-file expired ${durationInWords(rootsLeft)} ago`,
        'replace it by the one that the server now has',
      );
    const left = Math.min(rootsLeft, ownLeft);
    if (left < SOON_MS)
      return warn(`a certificate in these files expires in ${durationInWords(left)}`, 'replace it in time');
    return ok(`the ${count} file(s) can be read`);
  },
});

function firstEnd(certificates: readonly X509Certificate[]): number {
  return Math.min(...certificates.map(({ validTo }) => Date.parse(validTo)));
}

async function readNamed(
  settings: Settings,
  name: string,
): Promise<{ readonly text?: string; readonly problem?: string }> {
  const path = settings[name];
  if (path === undefined) return {};
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return { problem: `${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

function parse(name: string, text: string | undefined, problems: string[]): X509Certificate[] {
  if (text === undefined) return [];
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length === 0) throw new Error('there is none');
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    problems.push(`${name} has no certificate in it`);
    return [];
  }
}

function keyProblem(certificate: string, key: string, passphrase: string | undefined): string | undefined {
  let parsed: KeyObject;
  try {
    parsed = createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    return 'ssl-private-key-file has no key in it that can be opened; the passphrase may be wrong';
  }
  try {
    return new X509Certificate(certificate).checkPrivateKey(parsed)
      ? undefined
      : 'ssl-private-key-file is not the key of ssl-certificate-file';
  } catch {
    return undefined;
  }
}
