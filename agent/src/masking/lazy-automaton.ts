import { type PatternGraph, START } from './pattern-graph.ts';

/** The state in which nothing has begun. */
export const IDLE = 0;
/** In the table: not known yet, ask `step`. */
export const UNKNOWN = -1;

const MOST_STATES = 4096;
/** Of all states together: a secret that repeats itself makes states of thousands of nodes. */
const MOST_NODES = 500_000;

/**
 * Finds occurrences in one pass: a state is the set of nodes that the bytes so far may have led to. States are worked out when
 * text first leads to them, and all forgotten when they get too many, so memory is bounded however many secrets there are.
 *
 * A state is a multiple of 256. `table[state | byte]` is the next state; or its complement (negative) if an occurrence ends
 * there; or UNKNOWN.
 */
export class LazyAutomaton {
  readonly #graph: PatternGraph;
  readonly #known = new Map<string, number>();
  #nodes: number[][] = [];
  #size = 0;
  #generation = 0;
  table = new Int32Array(0);

  constructor(graph: PatternGraph) {
    this.#graph = graph;
    this.#forget();
  }

  /** Changes when states are forgotten; those of an earlier generation mean nothing. */
  get generation(): number {
    return this.#generation;
  }

  nodesOf(state: number): readonly number[] {
    return this.#nodes[state >> 8] ?? [];
  }

  /** What belongs into the table at this place, and puts it there. */
  step(state: number, byte: number): number {
    const found = new Set<number>();
    for (const node of this.nodesOf(state)) this.#graph.follow(node, byte, found);
    this.#graph.follow(START, byte, found);
    const generation = this.#generation;
    const nodes = [...found].sort((a, b) => a - b);
    const next = this.stateOf(nodes);
    const entry = nodes.some((node) => this.#graph.accepts(node)) ? ~next : next;
    if (generation === this.#generation) this.table[state | byte] = entry;
    return entry;
  }

  /** @param nodes in ascending order */
  stateOf(nodes: readonly number[]): number {
    const key = nodes.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#nodes.length >= MOST_STATES || this.#size > MOST_NODES) this.#forget();
    return this.#add([...nodes], key);
  }

  #add(nodes: number[], key: string): number {
    const state = (this.#nodes.push(nodes) - 1) << 8;
    this.#known.set(key, state);
    this.#size += nodes.length;
    if (state + 256 > this.table.length) {
      const grown = new Int32Array(Math.max(4096, this.table.length * 2)).fill(UNKNOWN);
      grown.set(this.table);
      this.table = grown;
    }
    return state;
  }

  #forget(): void {
    this.#known.clear();
    this.#nodes = [];
    this.#size = 0;
    this.table.fill(UNKNOWN);
    this.#generation++;
    this.#add([], '');
  }
}
