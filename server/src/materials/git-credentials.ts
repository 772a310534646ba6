// Credentials for one call of git: in a file that only this user may read, never in arguments or in a mirror's configuration.

import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface GitCredentials extends AsyncDisposable {
  /** To be put before git's command. */
  readonly args: readonly string[];
}

/** Git writes what it stores beside the file first. */
const LOCK = '.lock';
const ENDING = '.credentials';

const NONE: GitCredentials = { args: [], async [Symbol.asyncDispose]() {} };

/** Where the credentials of a material are kept while git runs. */
export function credentialsFile(folder: string, fingerprint: string): string {
  return join(folder, fingerprint + ENDING);
}

/** Removes what a server left behind that was killed while git ran. To be called before the first {@link gitCredentials}. */
export async function removeLeftCredentials(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder))
    if (name.endsWith(ENDING) || name.endsWith(ENDING + LOCK)) await rm(join(folder, name), { force: true });
}

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
  await remove(file);
  await writeFile(file, line, { mode: 0o600, flag: 'wx' });
  const quoted = `'${file.replaceAll("'", `'\\''`)}'`;
  return {
    // The empty one forgets the helpers of the machine's own configuration.
    args: ['-c', 'credential.helper=', '-c', `credential.helper=store --file=${quoted}`],
    [Symbol.asyncDispose]: () => remove(file),
  };
}

async function remove(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(file + LOCK, { force: true });
}
