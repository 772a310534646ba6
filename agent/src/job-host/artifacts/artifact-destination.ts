import { hasWildcard, literalPrefix, parseAntPattern } from './ant-pattern.ts';

/**
 * The folder in the job's artifacts where a match goes (agent-protocol 6.1): `dest`, and for a pattern with wildcards also the path of
 * the match's folder below the pattern's literal beginning. Without slashes at either end; empty means the root.
 * @param match path relative to the working folder, with `/`
 */
export function artifactDestination(src: string, dest: string, match: string): string {
  const pattern = parseAntPattern(src);
  const parts = [...split(dest)];
  if (pattern.segments.some(hasWildcard)) {
    const parent = split(match).slice(0, -1);
    parts.push(...parent.slice(literalPrefix(pattern).length));
  }
  return parts.join('/');
}

function split(path: string): string[] {
  return path
    .trim()
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.');
}
