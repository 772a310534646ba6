export type ServerUrl =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly message: string };

/** As GoCD's bootstrapper demands it (agent-behaviour 2.1). The accepted form has no trailing slash. */
export function parseServerUrl(text: string): ServerUrl {
  const problem = (message: string): ServerUrl => ({
    ok: false,
    message: `The server URL "${text}" ${message}. Example: https://gocd.example.com:8154/go`,
  });
  if (!URL.canParse(text)) return problem('is not an absolute URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return problem('must use http or https');
  if (url.username !== '' || url.password !== '') {
    return { ok: false, message: 'The server URL must not contain a user name or password' };
  }
  if (url.search !== '' || url.hash !== '') return problem('must not have a query or a fragment');
  if (!/\/go\/?$/.test(url.pathname)) return problem("must end with '/go'");
  return { ok: true, url: url.href.replace(/\/$/, '') };
}
