export interface UrlCredentials {
  /** Without user and password, where these are credentials. */
  readonly url: string;
  /** As on GoCD's console: `user:******@`, or `******@` if there is only a token. */
  readonly masked: string;
  readonly userName?: string;
  readonly password?: string;
  /** What must not be seen, decoded and as it stands in the URL. */
  readonly secrets: readonly string[];
}

const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)([^/@]*(?:@[^/@]*)*)@(.*)$/is;

/** Takes user and password out of an HTTP URL. In any other (`ssh://git@host/…`, `git@host:…`) the user name is no secret and stays. */
export function splitCredentials(url: string): UrlCredentials {
  const [, scheme = '', userInfo = '', rest = ''] = USER_INFO.exec(url) ?? [];
  const colon = userInfo.indexOf(':');
  const isHttp = /^(?:static-)?https?:/i.test(scheme);
  if (scheme === '' || (!isHttp && colon < 0)) return { url, masked: url, secrets: [] };
  const rawUser = colon < 0 ? userInfo : userInfo.slice(0, colon);
  const rawPassword = colon < 0 ? undefined : userInfo.slice(colon + 1);
  const secret = rawPassword || rawUser;
  return {
    // Of ssh and the like, the user belongs to the address.
    url: isHttp ? `${scheme}${rest}` : `${scheme}${rawUser}@${rest}`,
    masked: secret === rawUser ? `${scheme}******@${rest}` : `${scheme}${rawUser}:******@${rest}`,
    userName: decode(rawUser),
    ...(rawPassword === undefined ? {} : { password: decode(rawPassword) }),
    secrets: secret === '' ? [] : [...new Set([secret, decode(secret)])],
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
