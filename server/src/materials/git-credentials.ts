// Credentials for one call of git: in a file that only this user may read, never in arguments or in a mirror's configuration.

import { rm, writeFile } from 'node:fs/promises';

export interface GitCredentials extends AsyncDisposable {
  /** To be put before git's command. */
  readonly args: readonly string[];
}

const NONE: GitCredentials = { args: [], async [Symbol.asyncDispose]() {} };

/** @param file where to keep them as long as the answer is in use */
export async function gitCredentials(
  file: string,
  {
    url,
    username,
    password,
  }: { readonly url: string; readonly username?: string | undefined; readonly password?: string | undefined },
): Promise<GitCredentials> {
  if ((username === undefined && password === undefined) || !URL.canParse(url)) return NONE;
  const { protocol, host } = new URL(url);
  const line = `${protocol}//${encodeURIComponent(username ?? '')}:${encodeURIComponent(password ?? '')}@${host}\n`;
  await rm(file, { force: true });
  await writeFile(file, line, { mode: 0o600, flag: 'wx' });
  const quoted = `'${file.replaceAll("'", `'\\''`)}'`;
  return {
    // The empty one forgets the helpers of the machine's own configuration.
    args: ['-c', 'credential.helper=', '-c', `credential.helper=store --file=${quoted}`],
    [Symbol.asyncDispose]: () => rm(file, { force: true }),
  };
}
