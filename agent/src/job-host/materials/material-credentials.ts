import { effectiveValue, type GitMaterial, type HgMaterial, type SvnMaterial } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import { splitCredentials } from './url-credentials.ts';

/** Where a material comes from, with its credentials apart from its URL. */
export interface MaterialCredentials {
  /** Without credentials. */
  readonly url: string;
  /** For the console. */
  readonly masked: string;
  readonly userName?: string;
  readonly password?: string;
}

/**
 * What the material's own fields say goes before what is written into its URL.
 * @throws AppError material-failed if the password is not resolved
 */
export function materialCredentials(material: GitMaterial | HgMaterial | SvnMaterial): MaterialCredentials {
  const inUrl = splitCredentials(material.url.url);
  const userName = notBlank(material.userName) ?? inUrl.userName;
  const password = passwordOf(material, inUrl.masked) ?? inUrl.password;
  return {
    url: inUrl.url,
    masked: inUrl.masked,
    ...(userName === undefined ? {} : { userName }),
    ...(password === undefined ? {} : { password }),
  };
}

/**
 * @param shown names the material in the error
 * @throws AppError material-failed if the password is not resolved
 */
export function passwordOf(
  { password, secretParamsForPassword = [] }: Pick<GitMaterial, 'password' | 'secretParamsForPassword'>,
  shown: string,
): string | undefined {
  if (notBlank(password) === undefined) return undefined;
  const effective = effectiveValue(password ?? '', secretParamsForPassword);
  if (effective.type === 'value') return effective.value;
  throw new AppError(
    'material-failed',
    `The server did not resolve the secret ${effective.secret.key} for the password of ${shown}; check the secret configuration`,
  );
}

function notBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
