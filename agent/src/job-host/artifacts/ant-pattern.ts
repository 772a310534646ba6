/**
 * A pattern as Ant's DirectoryScanner reads it (agent-behaviour 8.13): `?` and `*` within a segment, `**` for any number of segments,
 * case-sensitive, hidden files included, no braces and no classes.
 */
export interface AntPattern {
  readonly source: string;
  /** Without empty segments; a trailing slash has become `**`. */
  readonly segments: readonly string[];
}

export function parseAntPattern(source: string): AntPattern {
  const slashes = source.trim().replaceAll('\\', '/');
  const whole = slashes.endsWith('/') ? `${slashes}**` : slashes;
  return { source, segments: whole.split('/').filter((segment) => segment !== '') };
}

export function hasWildcard(segment: string): boolean {
  return segment.includes('*') || segment.includes('?');
}

/** The literal segments before the first one with a wildcard; all of them if there is none. */
export function literalPrefix({ segments }: AntPattern): readonly string[] {
  const end = segments.findIndex(hasWildcard);
  return end < 0 ? segments : segments.slice(0, end);
}

const ESCAPED = /[.+^${}()|[\]\\]/g;
const segmentMatchers = new Map<string, RegExp>();

function matchesSegment(pattern: string, name: string): boolean {
  if (!hasWildcard(pattern)) return pattern === name;
  let matcher = segmentMatchers.get(pattern);
  if (!matcher) {
    // Runs of `*` are one: without that, a hostile pattern makes the regular expression backtrack for ever.
    const body = pattern.replace(ESCAPED, '\\$&').replace(/\*+/g, '.*').replaceAll('?', '.');
    matcher = new RegExp(`^${body}$`, 'su');
    segmentMatchers.set(pattern, matcher);
  }
  return matcher.test(name);
}

/**
 * What is left to match after a path has been followed: sets of positions in `segments`, as in a non-deterministic automaton, so
 * that a walk knows at each folder whether anything below it can match at all.
 */
export type PatternState = readonly number[];

export function startState(pattern: AntPattern): PatternState {
  return closure(pattern, [0]);
}

/** The state after one more path segment; empty: nothing there or below matches. */
export function nextState(pattern: AntPattern, state: PatternState, name: string): PatternState {
  const next: number[] = [];
  for (const at of state) {
    const segment = pattern.segments[at];
    if (segment === undefined) continue;
    if (segment === '**') next.push(at);
    else if (matchesSegment(segment, name)) next.push(at + 1);
  }
  return closure(pattern, next);
}

/** Whether the path followed so far is a match as it stands. */
export function isMatch(pattern: AntPattern, state: PatternState): boolean {
  return state.includes(pattern.segments.length);
}

/** `**` also stands for no segment at all. */
function closure(pattern: AntPattern, positions: readonly number[]): PatternState {
  const all = new Set<number>();
  for (let at of positions) {
    all.add(at);
    while (pattern.segments[at] === '**') {
      at += 1;
      all.add(at);
    }
  }
  return [...all];
}
