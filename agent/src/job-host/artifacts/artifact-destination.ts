import { literalPrefix, parseAntPattern } from './ant-pattern.ts';

export interface DestinationOf {
  /** Pattern and folder, as a plan has them. */
  readonly src: string;
  readonly dest: string;
  /** Path relative to the working folder, with `/`; empty for that itself. */
  readonly match: string;
  /** The working folder as the server names it: relative to the agent's home. */
  readonly workingDir: string;
}

/**
 * The folder in the job's artifacts where a match goes, exactly as with GoCD (ArtifactPlan.java, destinationUrl): `dest`, and for a
 * pattern also the path of the match's folder, without the pattern's literal beginning if it begins with that. So `a/b` itself, as
 * a match of `a/b/**`, goes to `dest/a`. Without slashes at either end; empty means the root.
 */
export function artifactDestination({ src, dest, match, workingDir }: DestinationOf): string {
  const source = withSlashes(src.trim());
  const beginning = (source.startsWith('/') ? '/' : '') + literalPrefix(parseAntPattern(source)).join('/');
  const inner =
    beginning === source ? '' : removeStart(parentOf(withSlashes(match || workingDir)), beginning);
  return [...split(withSlashes(dest.trim())), ...split(inner)].join('/');
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function removeStart(text: string, start: string): string {
  return text.startsWith(start) ? text.slice(start.length) : text;
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '' && segment !== '.');
}
