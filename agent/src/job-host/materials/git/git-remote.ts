import { effectiveValue, type GitMaterial } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import { splitCredentials } from '../url-credentials.ts';

/** Where a git material comes from, with its credentials apart from its URL. */
export interface GitRemote {
  /** What git gets to see, in its arguments and in `.git/config`. */
  readonly url: string;
  /** For the console. */
  readonly masked: string;
  /** Options in front of git's command. They hold no secret. */
  readonly options: readonly string[];
  /** Variables for git, with the secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

const USER = 'GO_AGENT_GIT_USER';
const PASSWORD = 'GO_AGENT_GIT_PASSWORD';
// git runs it with a shell; it prints the credentials out of its environment, which other users cannot read.
const HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$${USER}" "$${PASSWORD}"; }; f`;

/** @throws AppError material-failed if the password is not resolved */
export function gitRemote(material: GitMaterial): GitRemote {
  const { url, masked, userName, password } = splitCredentials(material.url.url);
  const user = material.userName ?? userName;
  const secret = passwordOf(material) ?? password;
  if (!/^https?:/i.test(url) || (user === undefined && secret === undefined)) {
    return { url: material.url.url, masked, options: [], environment: {} };
  }
  // Only for this server: a submodule from elsewhere must not be offered the password.
  const key = `credential.${new URL(url).origin}.helper`;
  return {
    url,
    masked,
    options: ['-c', `${key}=`, '-c', `${key}=${HELPER}`],
    environment: { [USER]: user ?? '', [PASSWORD]: secret ?? '' },
  };
}

function passwordOf({ password, secretParamsForPassword = [], url }: GitMaterial): string | undefined {
  if (password === undefined) return undefined;
  const effective = effectiveValue(password, secretParamsForPassword);
  if (effective.type === 'value') return effective.value;
  const { url: shown } = splitCredentials(url.url);
  throw new AppError(
    'material-failed',
    `The server did not resolve the secret ${effective.secret.key} for the password of ${shown}; check the secret configuration`,
  );
}
