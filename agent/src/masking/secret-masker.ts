import { CompiledSecrets } from './compiled-secrets.ts';
import { IDLE, UNKNOWN } from './lazy-automaton.ts';
import { MaskedSpans } from './masked-spans.ts';
import { START } from './pattern-graph.ts';

/** What stands in the console instead of a secret (agent-protocol 5.2). */
const MASK = '******';

export interface MaskerOptions {
  readonly mask?: string;
}

/**
 * Replaces secrets in one stream of bytes, in all forms that secret-patterns.ts lists, wherever the chunks are cut, and changes
 * nothing else. Occurrences that overlap become one mask; those that only touch, one each.
 */
export interface SecretMasker {
  /**
   * What is certain so far. Shares the memory of the chunk if nothing in it had to be changed; what is held back is a copy, so
   * the caller may use the chunk's memory again as soon as it is done with the answer.
   */
  write(chunk: Uint8Array): Buffer;
  /** The rest, at the end of the stream. Afterwards a new stream may begin. */
  flush(): Buffer;
  /**
   * How many bytes wait because they may be the beginning of a secret: at most one less than its longest form. A caller that
   * shows unfinished lines shows what `write` gave, never calls `flush` for that: the beginning of a secret would be let out,
   * and its rest not recognised.
   */
  readonly pendingBytes: number;
}

/** @param secrets their values; or those of a job compiled once, if it has several streams */
export function createMasker(
  secrets: readonly string[] | CompiledSecrets,
  options: MaskerOptions = {},
): SecretMasker {
  const compiled = secrets instanceof CompiledSecrets ? secrets : new CompiledSecrets(secrets);
  return new StreamMasker(compiled, Buffer.from(options.mask ?? MASK));
}

/** For a text that stands by itself, such as a message. */
export function maskText(secrets: CompiledSecrets, text: string): string {
  const masker = createMasker(secrets);
  const begun = masker.write(Buffer.from(text)).toString();
  return begun + masker.flush().toString();
}

class StreamMasker implements SecretMasker {
  readonly #secrets: CompiledSecrets;
  readonly #mask: Buffer;
  readonly #spans = new MaskedSpans();
  #held: Buffer = Buffer.alloc(0);
  /** After the held bytes. */
  #state = IDLE;
  #nodes: readonly number[] = [];
  /** Those of the nodes to which the held bytes lead from START. */
  #leading: Set<number> = new Set();
  #generation = 0;

  constructor(secrets: CompiledSecrets, mask: Buffer) {
    this.#secrets = secrets;
    this.#mask = mask;
  }

  get pendingBytes(): number {
    return this.#held.length;
  }

  write(chunk: Uint8Array): Buffer {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#secrets.none) return fresh;
    const held = this.#held.length;
    const bytes = held === 0 ? fresh : Buffer.concat([this.#held, fresh]);
    this.#resume();
    this.#scan(bytes, held);
    this.#suspend();
    const end = this.#uncertainFrom(bytes, held);
    const out = this.#spans.release(bytes, end, this.#mask);
    this.#held = Buffer.from(bytes.subarray(end));
    return joined(out);
  }

  flush(): Buffer {
    const out = this.#spans.release(this.#held, this.#held.length, this.#mask);
    this.#held = Buffer.alloc(0);
    this.#state = IDLE;
    this.#nodes = [];
    this.#leading = new Set();
    return joined(out);
  }

  #scan(bytes: Buffer, from: number): void {
    const { automaton, skip } = this.#secrets;
    const length = bytes.length;
    let table = automaton.table;
    let state = this.#state;
    let at = from;
    // Nothing that is under way began before.
    let begin = 0;
    while (at < length) {
      if (state === IDLE) {
        at = skip.next(bytes, at);
        begin = at;
      }
      let next = IDLE;
      while (at < length) {
        next = table[state | (bytes[at] as number)] as number;
        at++;
        if (next <= 0) break;
        state = next;
      }
      if (next === UNKNOWN) {
        next = automaton.step(state, bytes[at - 1] as number);
        table = automaton.table;
      }
      state = next < 0 ? ~next : next;
      if (next < 0) this.#found(state, bytes, begin, at);
    }
    this.#state = state;
  }

  #found(state: number, bytes: Buffer, begin: number, end: number): void {
    const { automaton, graph, skip } = this.#secrets;
    if (this.#spans.extend(begin, end, skip.window)) return;
    const accepting = automaton.nodesOf(state).filter((node) => graph.accepts(node));
    this.#spans.add(graph.earliestStart(accepting, bytes, end), end);
  }

  /** Where the earliest begins of what may yet become an occurrence. */
  #uncertainFrom(bytes: Buffer, held: number): number {
    const { graph } = this.#secrets;
    // Most often it is what began with the first of the held bytes, and cheaper to follow than to look for.
    this.#leading = graph.lead(this.#leading, bytes, held);
    if (this.#leading.size > 0) return 0;
    const unfinished = this.#nodes.filter((node) => graph.continues(node));
    const start = graph.earliestStart(unfinished, bytes, bytes.length);
    if (start < bytes.length) this.#leading = graph.lead(new Set([START]), bytes, start);
    return start;
  }

  /** The automaton may have forgotten its states since, for the sake of another stream. */
  #resume(): void {
    const { automaton } = this.#secrets;
    if (this.#state !== IDLE && this.#generation !== automaton.generation) {
      this.#state = automaton.stateOf(this.#nodes);
    }
  }

  #suspend(): void {
    const { automaton } = this.#secrets;
    this.#generation = automaton.generation;
    this.#nodes = automaton.nodesOf(this.#state);
  }
}

function joined(pieces: Buffer[]): Buffer {
  const [only] = pieces;
  return pieces.length === 1 && only ? only : Buffer.concat(pieces);
}
