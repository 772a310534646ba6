import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AntPattern,
  hasWildcard,
  isMatch,
  nextState,
  type PatternState,
  startState,
} from './ant-pattern.ts';
import { isTemporary } from './temporary-beside.ts';

export interface Match {
  /** Relative to the working folder, with `/`; empty for the folder itself. */
  readonly path: string;
  readonly isFolder: boolean;
}

/**
 * What a pattern names below a folder, in the order of names (agent-protocol 6.1). A folder that matches is taken whole, so the files
 * directly in it are not named again; folders in it are. Links are followed, those to nowhere
 * passed over, and so is what a fetch that was killed has left.
 */
export async function findMatches(root: string, pattern: AntPattern, signal: AbortSignal): Promise<Match[]> {
  const matches: Match[] = [];
  await new Walk(root, pattern, matches, signal).visit('', startState(pattern), []);
  return matches;
}

class Walk {
  readonly #root: string;
  readonly #pattern: AntPattern;
  readonly #matches: Match[];
  readonly #signal: AbortSignal;

  constructor(root: string, pattern: AntPattern, matches: Match[], signal: AbortSignal) {
    this.#root = root;
    this.#pattern = pattern;
    this.#matches = matches;
    this.#signal = signal;
  }

  /** @param above real paths of the folders on the way, so that a link to one of them does not lead in circles */
  async visit(folder: string, state: PatternState, above: readonly string[]): Promise<void> {
    this.#signal.throwIfAborted();
    const taken = isMatch(this.#pattern, state);
    if (taken) this.#matches.push({ path: folder, isFolder: true });
    const real = await realpath(join(this.#root, folder)).catch(() => undefined);
    if (real === undefined || above.includes(real)) return;
    for (const name of await this.#names(folder, state)) {
      const next = nextState(this.#pattern, state, name);
      if (next.length === 0) continue;
      const path = folder === '' ? name : `${folder}/${name}`;
      const stats = await this.#stat(path);
      if (stats?.isDirectory()) await this.visit(path, next, [...above, real]);
      else if (stats?.isFile() && !taken && isMatch(this.#pattern, next)) {
        this.#matches.push({ path, isFolder: false });
      }
    }
  }

  /** The names worth a look: a literal segment needs no listing of a folder that may hold a million files. */
  async #names(folder: string, state: PatternState): Promise<string[]> {
    const wanted = state.map((at) => this.#pattern.segments[at]).filter((segment) => segment !== undefined);
    if (!wanted.some(hasWildcard)) return wanted.filter((name) => name !== '.' && name !== '..');
    const names: string[] = await readdir(join(this.#root, folder)).catch(() => []);
    return names.filter((name) => !isTemporary(name)).toSorted();
  }

  async #stat(path: string): Promise<Stats | undefined> {
    return stat(join(this.#root, path)).catch(() => undefined);
  }
}
