/** Takes the credentials out of an http(s) URL; whatever else names a repository stays as it is. */
export function splitGitUrl(given: string): {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
} {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) return { url: given };
  const parsed = new URL(given);
  if (parsed.username === '' && parsed.password === '') return { url: given };
  const username = decoded(parsed.username);
  const password = decoded(parsed.password);
  parsed.username = '';
  parsed.password = '';
  return { url: parsed.href, username, ...(password === '' ? {} : { password }) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
