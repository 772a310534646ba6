// A pipeline file as plain values, with the place of each. GoCD's dialect: every scalar is text, keys are unique, merge keys and
// aliases work, only the first document counts (reference: server-config-api 1.1).

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
} from 'yaml';
import type { ConfigProblem } from './config-problem.ts';

/** Aliases may multiply a small file into a huge one; real files are far below this. */
const MAX_NODES = 100_000;
const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);

export type Path = readonly PropertyKey[];

export class YamlDocument {
  readonly file: string;
  /** Texts, nulls, lists and maps (without prototype). */
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  readonly #lines = new LineCounter();
  readonly #places = new Map<string, number>();

  /** @param file the name that problems give */
  constructor(file: string, text: string) {
    this.file = file;
    const document = parseDocument(text, {
      schema: 'failsafe',
      merge: true,
      uniqueKeys: true,
      logLevel: 'silent',
      lineCounter: this.#lines,
    });
    const problems = document.errors
      .filter((error) => error.code !== 'MULTIPLE_DOCS')
      .map((error) => this.#problemAt(error.pos[0], [], `Error parsing YAML: ${firstLine(error.message)}`));
    if (problems.length > 0) {
      this.problems = problems;
      return;
    }
    const reader = new NodeReader(document, this.#places);
    this.value = reader.read(document.contents, []);
    this.problems = reader.tooLarge === undefined ? [] : [this.#problemAt(0, [], reader.tooLarge)];
  }

  has(path: Path): boolean {
    return this.#places.has(placeKey(path));
  }

  /** @param path the place, or the nearest place above it that is in the file */
  problem(path: Path, message: string): ConfigProblem {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#places.get(placeKey(path.slice(0, length)));
      if (offset !== undefined) return this.#problemAt(offset, path, message);
    }
    return this.#problemAt(0, path, message);
  }

  #problemAt(offset: number, path: Path, message: string): ConfigProblem {
    const { line, col } = this.#lines.linePos(offset);
    return {
      file: this.file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: path.map(String).join('.'),
      message,
    };
  }
}

class NodeReader {
  tooLarge: string | undefined;
  readonly #document: Document;
  readonly #places: Map<string, number>;
  #nodes = 0;

  constructor(document: Document, places: Map<string, number>) {
    this.#document = document;
    this.#places = places;
  }

  read(node: unknown, path: Path): unknown {
    if (++this.#nodes > MAX_NODES) {
      this.tooLarge = `The file is too large: its aliases expand to more than ${MAX_NODES} values.`;
      return null;
    }
    if (isAlias(node)) return this.read(node.resolve(this.#document), path);
    if (isMap(node)) return this.#map(node.items, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        this.#remember([...path, index], item);
        return this.read(item, [...path, index]);
      });
    }
    if (isScalar(node)) return scalarValue(node);
    return null;
  }

  #map(items: readonly Pair[], path: Path): object {
    const map: Record<string, unknown> = Object.create(null);
    // What is merged in is weaker than the map's own keys, wherever it stands.
    for (const pair of items.filter(isMerge)) this.#merge(pair.value, map, path);
    for (const pair of items.filter((item) => !isMerge(item))) {
      const key = keyText(pair.key);
      this.#remember([...path, key], pair.key);
      map[key] = this.read(pair.value, [...path, key]);
    }
    return map;
  }

  #merge(node: unknown, into: Record<string, unknown>, path: Path): void {
    const source = isAlias(node) ? node.resolve(this.#document) : node;
    const sources = isSeq(source) ? [...source.items].reverse() : [source];
    for (const part of sources) {
      const value = this.read(part, path);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) Object.assign(into, value);
    }
  }

  #remember(path: Path, node: unknown): void {
    const range = (node as Partial<Node> | null)?.range;
    if (range) this.#places.set(placeKey(path), range[0]);
  }
}

function isMerge(pair: Pair): boolean {
  // Its value is a symbol of the library's.
  return isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === Scalar.PLAIN;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : '(a key that is not text)';
}

function scalarValue(node: Scalar): string | null {
  const text = typeof node.value === 'string' ? node.value : '';
  return node.type === Scalar.PLAIN && NULLS.has(text) ? null : text;
}

function placeKey(path: Path): string {
  return JSON.stringify(path.map(String));
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
}
