import { nameKey } from '../domain/names.ts';

/** The way from `start` back to itself, both ends included; undefined if there is none. */
export function findCycle(start: string, next: (name: string) => readonly string[]): string[] | undefined {
  const seen = new Set<string>();
  const search = (name: string, way: readonly string[]): string[] | undefined => {
    for (const neighbour of next(name)) {
      if (nameKey(neighbour) === nameKey(start)) return [...way, neighbour];
      if (seen.has(nameKey(neighbour))) continue;
      seen.add(nameKey(neighbour));
      const found = search(neighbour, [...way, neighbour]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(start, [start]);
}
