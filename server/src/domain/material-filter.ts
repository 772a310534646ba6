// Which changes start nothing (reference: server-config-api 1.5, filter semantics).

import type { MaterialFilterConfig } from './pipeline-config.ts';

/** @param files changed paths from the root of the repository, with `/`. A change without files (a merge) is never filtered. */
export function isFilteredOut(filter: MaterialFilterConfig, files: readonly string[]): boolean {
  if (filter.patterns.length === 0 || files.length === 0) return false;
  const patterns = filter.patterns.map(globToRegExp);
  const matches = (file: string) => patterns.some((pattern) => pattern.test(file));
  return filter.mode === 'ignore' ? files.every(matches) : !files.some(matches);
}

/** Ant-style: `**` + `/` any folders or none, `**` anything, `*` a run without `/`, `?` one character; the whole path must match. */
export function globToRegExp(glob: string): RegExp {
  let source = '';
  for (let at = 0; at < glob.length; ) {
    if (glob.startsWith('**/', at)) {
      source += '(?:[^/]+/)*';
      at += 3;
    } else if (glob.startsWith('**', at)) {
      source += '.*';
      at += 2;
    } else {
      source += oneCharacter(glob.charAt(at));
      at += 1;
    }
  }
  return new RegExp(`^${source}$`, 's');
}

function oneCharacter(character: string): string {
  if (character === '*') return '[^/]*';
  if (character === '?') return '[^/]';
  return character.replace(/[\\^$.|+()[\]{}]/, '\\$&');
}
