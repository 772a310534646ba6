import { buildLocator, CONTEXT_PATH, type JobIdentifier, REMOTING_FILES_PATH } from '@go-agent/protocol';

export type RelayDecision =
  /** `path`: below the server's URL. */
  | { readonly kind: 'forward'; readonly path: string }
  | { readonly kind: 'refuse'; readonly status: 403 | 404 | 405; readonly reason: string };

/**
 * What a job may ask of the server through its agent: to read files, as fetch tasks do, and to write below its own locator. The
 * relay lends the agent's token, so everything else is refused.
 * @param url as in the request line: `/go/remoting/files/...`
 */
export function decideRelay(job: JobIdentifier, method: string, url: string): RelayDecision {
  const path = url.split('?')[0] ?? '';
  if (!url.startsWith(CONTEXT_PATH + REMOTING_FILES_PATH)) {
    return { kind: 'refuse', status: 404, reason: `only ${CONTEXT_PATH}${REMOTING_FILES_PATH} is relayed` };
  }
  if (!staysInside(path)) return { kind: 'refuse', status: 403, reason: 'the path leaves its folder' };
  const forward: RelayDecision = { kind: 'forward', path: url.slice(CONTEXT_PATH.length) };
  // QUERY is a GET with a body (docs/artifacts.md); a stock server refuses the method.
  if (method === 'GET' || method === 'HEAD' || method === 'QUERY') return forward;
  if (method !== 'PUT' && method !== 'POST') {
    return { kind: 'refuse', status: 405, reason: `${method} is not relayed` };
  }
  const own = `${CONTEXT_PATH}${REMOTING_FILES_PATH}${buildLocator(job)}/`;
  return path.startsWith(own)
    ? forward
    : { kind: 'refuse', status: 403, reason: `a job writes below ${own} only` };
}

/** No empty, dot or backslash parts, however they are encoded: servers normalise them away before they look. */
function staysInside(path: string): boolean {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return false;
  }
  const parts = decoded.slice(1).split('/');
  // An upload to the job's root ends in a slash.
  if (parts.at(-1) === '') parts.pop();
  return !parts.some((part) => part === '' || part === '.' || part === '..' || /[\\;\0]/.test(part));
}
