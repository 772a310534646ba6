import { posix } from 'node:path';

export interface PlacedMatch {
  /** Relative to the working folder, with `/`. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Folder among the artifacts. */
  readonly dest: string;
}

/**
 * Leaves out what a matched folder above has carried to the very same place already. `dir/**` matches `dir` and each folder below it, and
 * GoCD sends the content of deep folders once for each of their levels.
 */
export function withoutRepeats(matches: readonly PlacedMatch[]): PlacedMatch[] {
  const folders = new Map(
    matches.filter(({ path, isFolder }) => isFolder && path !== '').map((match) => [match.path, match]),
  );
  return matches.filter(({ path, dest }) => {
    const parent = folders.get(posix.dirname(path));
    return !parent || placeIn(parent) !== dest;
  });
}

/** Where the content of a folder ends up. */
function placeIn({ path, dest }: PlacedMatch): string {
  return posix.join(dest, posix.basename(path));
}
