import { type PatternGraph, START } from './pattern-graph.ts';

/** More would not skip more: the pairs at the end of a longer window are too many. */
const WIDEST_WINDOW = 8;

/**
 * Leaps over text in which nothing begins (Wu and Manber, 1994): the last two bytes of a window as wide as the shortest
 * occurrence tell how far the window may move.
 */
export class SkipTable {
  /** No occurrence is shorter. */
  readonly window: number;
  readonly #firsts = new Uint8Array(256);
  /** By pair of bytes; empty if occurrences can be one byte short. */
  readonly #shifts: Uint8Array;

  constructor(graph: PatternGraph) {
    for (const byte of graph.bytesFrom(START)) this.#firsts[byte] = 1;
    const pairs: [number, number][][] = [];
    let nodes = new Set([START]);
    while (pairs.length < WIDEST_WINDOW - 1) {
      const { next, found } = pairsFrom(graph, nodes);
      if (nodes.size === 0 || [...next].some((node) => graph.accepts(node))) break;
      pairs.push(found);
      nodes = next;
    }
    this.window = pairs.length + 1;
    this.#shifts = pairs.length === 0 ? new Uint8Array(0) : new Uint8Array(65_536).fill(pairs.length);
    for (const [index, found] of pairs.entries()) {
      for (const [one, other] of found) this.#shifts[(one << 8) | other] = pairs.length - 1 - index;
    }
  }

  /** The first place from `from` on at which something may begin; what begins nearer to the end than a window is not told. */
  next(bytes: Uint8Array, from: number): number {
    const shifts = this.#shifts;
    const firsts = this.#firsts;
    const length = bytes.length;
    if (shifts.length === 0) {
      let at = from;
      while (at < length && firsts[bytes[at] as number] === 0) at++;
      return at;
    }
    const toPair = this.window - 2;
    let pair = from + toPair;
    while (pair + 1 < length) {
      const shift = shifts[((bytes[pair] as number) << 8) | (bytes[pair + 1] as number)] as number;
      if (shift > 0) pair += shift;
      else if (firsts[bytes[pair - toPair] as number] === 0) pair++;
      else break;
    }
    return pair - toPair;
  }
}

function pairsFrom(
  graph: PatternGraph,
  nodes: Set<number>,
): { next: Set<number>; found: [number, number][] } {
  const next = new Set<number>();
  const found = new Map<number, [number, number]>();
  for (const node of nodes) {
    for (const one of graph.bytesFrom(node)) {
      const behind = new Set<number>();
      graph.follow(node, one, behind);
      for (const target of behind) {
        next.add(target);
        for (const other of graph.bytesFrom(target)) found.set((one << 8) | other, [one, other]);
      }
    }
  }
  return { next, found: [...found.values()] };
}
