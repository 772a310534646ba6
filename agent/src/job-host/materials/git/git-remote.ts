import type { GitMaterial } from '@go-agent/protocol';
import { materialCredentials } from '../material-credentials.ts';

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
  const { url, masked, userName, password } = materialCredentials(material);
  if (!/^https?:/i.test(url) || (userName === undefined && password === undefined)) {
    return { url, masked, options: [], environment: {} };
  }
  // Only for this server: a submodule from elsewhere must not be offered the password.
  const key = `credential.${new URL(url).origin}.helper`;
  return {
    url,
    masked,
    options: ['-c', `${key}=`, '-c', `${key}=${HELPER}`],
    environment: { [USER]: userName ?? '', [PASSWORD]: password ?? '' },
  };
}
