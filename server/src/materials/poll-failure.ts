import { AppError, describeError } from '@go-agent/runtime/core';

/** The repository did not even say no. */
export function isSilence(error: unknown): boolean {
  return error instanceof AppError && error.code === 'deadline-exceeded';
}

/** What an operator can do about a poll that failed. */
export function pollRemedy(error: unknown): string {
  const text = describeError(error);
  if (isSilence(error)) {
    return 'The repository did not answer in time. See that it can be reached from the server.';
  }
  if (/authentication|could not read (username|password)|permission denied|403|401|publickey/i.test(text)) {
    return 'Give the material a username and an encrypted_password, or the server user a key, that may read the repository.';
  }
  if (/not found|does not exist|not appear to be a git repository|404/i.test(text)) {
    return 'Correct the url of the material, or create the repository.';
  }
  if (/could not resolve host|unable to access|connection|timed out/i.test(text)) {
    return 'See that the server can reach the host of the repository (DNS, proxy, firewall).';
  }
  if (/dubious ownership/i.test(text))
    return 'Run `git config --global --add safe.directory <path>` as the user of the server.';
  return 'The next poll tries again.';
}
