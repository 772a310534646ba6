import { ConsoleTag, consoleText } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { JobConsole } from '../console/job-console.ts';

/** @throws AppError artifact-checksum-mismatch */
export type Verify = (artifact: string, md5: string) => void;

export interface ChecksumVerifier {
  readonly verify: Verify;
  /** Whether there was a checksum for all that was asked. */
  readonly verified: () => boolean;
}

/** @param checksums undefined if the server has no checksum file */
export function checksumVerifier(
  checksums: ReadonlyMap<string, string> | undefined,
  console: JobConsole,
): ChecksumVerifier {
  let complete = checksums !== undefined;
  const verify: Verify = (artifact, md5) => {
    const expected = checksums?.get(artifact);
    if (expected === undefined) {
      if (checksums) {
        const text = `[WARN] The md5checksum value of the artifact [${artifact}] was not found on the server. Hence, Go could not verify the integrity of its contents.`;
        console.line(ConsoleTag.taskError, text);
      }
      complete = false;
    } else if (expected.toLowerCase() !== md5) {
      console.line(ConsoleTag.taskError, consoleText.checksumMismatch(artifact));
      throw new AppError(
        'artifact-checksum-mismatch',
        `The MD5 of ${artifact} is ${md5}, the server announced ${expected}`,
      );
    }
  };
  return { verify, verified: () => complete };
}
