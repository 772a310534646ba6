import { ConsoleTag, consoleText } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { JobConsole } from '../console/job-console.ts';

/** What the server says of a file's content. */
export interface ExpectedSum {
  readonly algorithm: 'md5' | 'sha256';
  /** Lower case. */
  readonly hex: string;
}

export interface ChecksumVerifier {
  /** Undefined: there is nothing to verify the file by. */
  expected(artifact: string): ExpectedSum | undefined;
  /**
   * @param hex by the expected algorithm; anything if none is expected
   * @throws AppError artifact-checksum-mismatch
   */
  verify(artifact: string, hex: string): void;
  /** Whether there was a checksum for all that was asked. */
  verified(): boolean;
}

export interface Checksums {
  /** Undefined if the server has no such file. */
  readonly md5: ReadonlyMap<string, string> | undefined;
  /** Of our server; goes before the MD5. */
  readonly sha256: ReadonlyMap<string, string>;
}

/** By path below the source job. */
export function checksumVerifier(
  { md5, sha256 }: Checksums,
  console: Pick<JobConsole, 'line'>,
): ChecksumVerifier {
  let complete = md5 !== undefined || sha256.size > 0;
  const expected = (artifact: string): ExpectedSum | undefined => {
    const strong = sha256.get(artifact);
    if (strong !== undefined) return { algorithm: 'sha256', hex: strong };
    const weak = md5?.get(artifact);
    return weak === undefined ? undefined : { algorithm: 'md5', hex: weak.toLowerCase() };
  };
  const verify = (artifact: string, hex: string) => {
    const sum = expected(artifact);
    if (sum === undefined) {
      if (complete) {
        const text = `[WARN] The md5checksum value of the artifact [${artifact}] was not found on the server. Hence, Go could not verify the integrity of its contents.`;
        console.line(ConsoleTag.taskError, text);
      }
      complete = false;
    } else if (sum.hex !== hex) {
      console.line(ConsoleTag.taskError, consoleText.checksumMismatch(artifact));
      const name = sum.algorithm === 'md5' ? 'MD5' : 'SHA-256';
      throw new AppError(
        'artifact-checksum-mismatch',
        `The ${name} of ${artifact} is ${hex}, the server announced ${sum.hex}`,
      );
    }
  };
  return { expected, verify, verified: () => complete };
}
