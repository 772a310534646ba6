import { IntegerTable } from './integer-table.ts';
import type { Pattern, Spelling } from './pattern.ts';

/** The node at which every pattern begins. */
export const START = 0;

const NONE = -1;
// Columns of an edge; the edges that leave a node, and those that arrive, are lists.
const [BYTE, FROM, TO, NEXT_OUT, NEXT_IN] = [0, 1, 2, 3, 4];
// Columns of a node. SEEN: in which trace back it was seen last.
const [FIRST_OUT, FIRST_IN, SEEN] = [0, 1, 2];

/**
 * Patterns as one graph, an edge for each byte: the bytes on any way from START to an accepting node are an occurrence.
 * Kept in flat tables: a private key makes some hundred thousand edges.
 */
export class PatternGraph {
  readonly #edges = new IntegerTable(5);
  readonly #nodes = new IntegerTable(3);
  readonly #accepting = new Set<number>();
  #trace = 0;
  /** Targets of START's edges, which are too many for a list. */
  readonly #starts: number[][] = Array.from({ length: 256 }, () => []);

  constructor(patterns: readonly Pattern[]) {
    this.#node();
    for (const pattern of patterns) this.#add(pattern);
  }

  /** Whether an occurrence ends in this node. */
  accepts(node: number): boolean {
    return this.#accepting.has(node);
  }

  /** The bytes that lead away from a node. */
  bytesFrom(node: number): Set<number> {
    if (node === START)
      return new Set(this.#starts.flatMap((targets, byte) => (targets.length > 0 ? [byte] : [])));
    const found = new Set<number>();
    for (let edge = this.#nodes.get(node, FIRST_OUT); edge >= 0; edge = this.#edges.get(edge, NEXT_OUT)) {
      found.add(this.#edges.get(edge, BYTE));
    }
    return found;
  }

  /** Puts the nodes behind `node` into `found`. */
  follow(node: number, byte: number, found: Set<number>): void {
    if (node === START) {
      for (const target of this.#starts[byte] ?? []) found.add(target);
      return;
    }
    for (let edge = this.#nodes.get(node, FIRST_OUT); edge >= 0; edge = this.#edges.get(edge, NEXT_OUT)) {
      if (this.#edges.get(edge, BYTE) === byte) found.add(this.#edges.get(edge, TO));
    }
  }

  /** Whether any way leads on from this node. */
  continues(node: number): boolean {
    return node === START || this.#nodes.get(node, FIRST_OUT) !== NONE;
  }

  /** The nodes to which the bytes from `from` on lead, if there is a way on from them. */
  lead(nodes: ReadonlySet<number>, bytes: Uint8Array, from: number): Set<number> {
    let current: ReadonlySet<number> = nodes;
    for (let at = from; at < bytes.length && current.size > 0; at++) {
      const found = new Set<number>();
      for (const node of current) this.follow(node, bytes[at] as number, found);
      current = found;
    }
    return new Set([...current].filter((node) => this.continues(node)));
  }

  /**
   * The earliest place in `bytes` from which the bytes up to `end` lead from START to one of the nodes.
   * @param nodes such as can be reached at `end`
   */
  earliestStart(nodes: readonly number[], bytes: Uint8Array, end: number): number {
    let current = nodes;
    let earliest = end;
    for (let at = end - 1; at >= 0 && current.length > 0; at--) {
      const before: number[] = [];
      const seen = ++this.#trace;
      for (const node of current) {
        if (this.#traceBack(node, bytes[at] as number, before, seen)) earliest = at;
      }
      current = before;
    }
    return earliest;
  }

  /** Whether one of the nodes before `node` is START; puts the others into `found`. */
  #traceBack(node: number, byte: number, found: number[], seen: number): boolean {
    let started = false;
    for (let edge = this.#nodes.get(node, FIRST_IN); edge >= 0; edge = this.#edges.get(edge, NEXT_IN)) {
      if (this.#edges.get(edge, BYTE) !== byte) continue;
      const from = this.#edges.get(edge, FROM);
      if (from === START) started = true;
      else if (this.#nodes.get(from, SEEN) !== seen) {
        this.#nodes.set(from, SEEN, seen);
        found.push(from);
      }
    }
    return started;
  }

  #add({ units, between, enough }: Pattern): void {
    let from = START;
    for (const [index, spellings] of units.entries()) {
      const to = this.#node();
      for (const spelled of spellings) this.#path(from, spelled, to);
      if (index > 0 && between.length > 0) {
        const gap = this.#node();
        for (const bytes of between) this.#path(from, { bytes, hex: false }, gap);
        for (const spelled of spellings) this.#path(gap, spelled, to);
      }
      if (index + 1 >= enough) this.#accepting.add(to);
      from = to;
    }
  }

  #path(from: number, { bytes, hex }: Spelling, to: number): void {
    let node = from;
    for (let at = 0; at < bytes.length; at++) {
      const next = at === bytes.length - 1 ? to : this.#node();
      const byte = bytes.charCodeAt(at);
      this.#edge(node, byte, next);
      if (hex && /[a-f]/.test(bytes.charAt(at))) this.#edge(node, byte - 0x20, next);
      node = next;
    }
  }

  #node(): number {
    return this.#nodes.add(NONE, NONE, 0);
  }

  #edge(from: number, byte: number, to: number): void {
    const isStart = from === START;
    const nextOut = isStart ? NONE : this.#nodes.get(from, FIRST_OUT);
    const edge = this.#edges.add(byte, from, to, nextOut, this.#nodes.get(to, FIRST_IN));
    this.#nodes.set(to, FIRST_IN, edge);
    if (isStart) this.#starts[byte]?.push(to);
    else this.#nodes.set(from, FIRST_OUT, edge);
  }
}
