/**
 * Whether a symbolic link may be kept as one: its target is relative, climbs at its beginning only, and never above the root of
 * the tree that `path` is relative to. Links of which all are such cannot lead out of the tree, whatever they are chained to:
 * every `..` is counted against real folders.
 * @param path of the link, with `/`
 */
export function staysInTree(path: string, target: string): boolean {
  if (target === '' || target.includes('\\') || target.includes('\0')) return false;
  const parts = target.split('/').filter((part) => part !== '.');
  const climbs = parts.findIndex((part) => part !== '..');
  const up = climbs < 0 ? parts.length : climbs;
  const rest = parts.slice(up);
  return up < path.split('/').length && !rest.some((part) => part === '' || part === '..');
}
