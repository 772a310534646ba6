const HEADS = 'refs/heads/';
const REMOTES = 'refs/remotes/';

/** What a branch name, or a refspec `source:destination` in its place, means to git (agent-behaviour 8.10). */
export interface RefSpec {
  /** Branch that the clone is on. */
  readonly localBranch: string;
  /** What the remote's branch is called in the clone. */
  readonly remoteBranch: string;
  /** For `remote.origin.fetch`, without the plus sign; absent for a plain branch. */
  readonly fetch?: string;
}

export function parseRefSpec(text: string): RefSpec {
  const colon = text.indexOf(':');
  if (colon < 0) return { localBranch: text, remoteBranch: `origin/${text}` };
  const source = text.slice(0, colon);
  const destination = text.slice(colon + 1);
  const expanded = destination.startsWith('refs/') ? destination : `${REMOTES}origin/${destination}`;
  return { localBranch: localName(destination), remoteBranch: expanded, fetch: `${source}:${expanded}` };
}

function localName(destination: string): string {
  if (destination.startsWith(HEADS)) return destination.slice(HEADS.length);
  const slash = destination.startsWith(REMOTES) ? destination.indexOf('/', REMOTES.length) : -1;
  return slash < 0 ? destination : destination.slice(slash + 1);
}
