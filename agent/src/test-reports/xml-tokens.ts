// As much of XML as test reports use, read in pieces of any size: elements, attributes, text, CDATA; comments and processing
// instructions are skipped. No DTD, so no entities but the five of XML and character references.

export interface XmlHandler {
  /** @param attributes decodes them; asked for by the few elements whose attributes matter */
  open(name: string, attributes: () => ReadonlyMap<string, string>): void;
  close(name: string): void;
  /** Text comes in pieces. */
  text(piece: string): void;
}

/** Why a document cannot be read, as a sentence that ends with the place. */
export class XmlFault extends Error {}

const LONGEST_TAG = 4 * 1024 * 1024;
const DEEPEST = 1000;
/** What ends the sections whose contents are taken as they are. */
const SECTIONS = [
  { begin: '<!--', end: '-->', isText: false },
  { begin: '<![CDATA[', end: ']]>', isText: true },
  { begin: '<?', end: '?>', isText: false },
] as const;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export class XmlTokens {
  readonly #handler: XmlHandler;
  readonly #path: string[] = [];
  #rest = '';
  #line = 1;
  #section: (typeof SECTIONS)[number] | undefined;
  #hasRoot = false;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  /** @throws XmlFault */
  push(piece: string): void {
    this.#rest += piece;
    while (this.#rest !== '' && this.#step());
  }

  /** @throws XmlFault if the document is not complete */
  end(): void {
    const open = this.#path.at(-1);
    if (this.#section) throw this.#fault(`ends without ${this.#section.end}`);
    if (this.#rest.startsWith('<')) throw this.#fault('ends in the middle of a tag');
    if (this.#rest !== '') this.#text(this.#rest);
    if (open !== undefined) throw this.#fault(`ends without </${open}>`);
    if (!this.#hasRoot) throw this.#fault('has no elements');
  }

  /** Whether anything could be used up. */
  #step(): boolean {
    if (this.#section) return this.#inSection(this.#section);
    const at = this.#rest.indexOf('<');
    if (at !== 0) return this.#untilTag(at);
    const section = SECTIONS.find(({ begin }) => this.#rest.startsWith(begin));
    if (section) {
      this.#section = section;
      this.#take(section.begin.length);
      return true;
    }
    if (SECTIONS.some(({ begin }) => begin.startsWith(this.#rest))) return false;
    if (this.#rest.startsWith('<!')) throw this.#fault('has a document type declaration, which is refused');
    return this.#tag();
  }

  #inSection({ end, isText }: (typeof SECTIONS)[number]): boolean {
    const at = this.#rest.indexOf(end);
    const inside = at < 0 ? Math.max(0, this.#rest.length - end.length + 1) : at;
    if (isText && inside > 0) this.#handler.text(this.#rest.slice(0, inside));
    this.#take(at < 0 ? inside : at + end.length);
    if (at >= 0) this.#section = undefined;
    return at >= 0;
  }

  #untilTag(at: number): boolean {
    // An entity may be cut at the end of what is there.
    const entity = at < 0 ? this.#rest.lastIndexOf('&') : -1;
    const isCut = entity >= 0 && this.#rest.length - entity < 12 && !this.#rest.includes(';', entity);
    const length = at >= 0 ? at : isCut ? entity : this.#rest.length;
    if (length > 0) this.#text(this.#rest.slice(0, length));
    this.#take(length);
    return length > 0;
  }

  #text(raw: string): void {
    if (this.#path.length > 0) this.#handler.text(this.#decode(raw));
    else if (/[^\s\uFEFF]/.test(raw)) throw this.#fault('has text outside of its elements');
  }

  #tag(): boolean {
    const end = tagEnd(this.#rest);
    if (end < 0) {
      if (this.#rest.length > LONGEST_TAG) throw this.#fault('has a tag longer than 4 MiB');
      return false;
    }
    const tag = this.#rest.slice(1, end);
    if (tag.startsWith('/')) this.#close(tag.slice(1).trimEnd());
    else this.#open(tag.endsWith('/') ? tag.slice(0, -1) : tag, tag.endsWith('/'));
    this.#take(end + 1);
    return true;
  }

  #open(tag: string, isEmpty: boolean): void {
    const name = /^[\p{L}_:][\p{L}\p{N}_:.·-]*/u.exec(tag)?.[0];
    if (name === undefined) throw this.#fault('has a < that begins no tag');
    if (this.#path.length === 0 && this.#hasRoot) throw this.#fault(`has a second root <${name}>`);
    if (this.#path.length >= DEEPEST)
      throw this.#fault(`has more than ${DEEPEST} elements inside each other`);
    this.#hasRoot = true;
    this.#handler.open(name, () => this.#attributes(tag.slice(name.length), name));
    if (isEmpty) this.#handler.close(name);
    else this.#path.push(name);
  }

  #close(name: string): void {
    const open = this.#path.pop();
    if (open !== name) throw this.#fault(`has </${name}> where </${open ?? '...'}> was due`);
    this.#handler.close(name);
  }

  #attributes(text: string, name: string): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    const left = text.replace(
      /\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
      (_, key: string, one?: string, two?: string) => {
        found.set(key, this.#decode(one ?? two ?? ''));
        return '';
      },
    );
    if (left.trim() !== '') throw this.#fault(`has attributes of <${name}> that cannot be read`);
    return found;
  }

  #decode(raw: string): string {
    if (!raw.includes('&')) return raw;
    return raw.replace(
      /&(?:#x([0-9a-f]+);|#([0-9]+);|(\w+);)?/gi,
      (whole, hex?: string, decimal?: string, name?: string) => {
        const point = hex ? Number.parseInt(hex, 16) : decimal ? Number.parseInt(decimal, 10) : undefined;
        if (point !== undefined) return point > 0x10ffff ? '\uFFFD' : String.fromCodePoint(point);
        const char = ENTITIES[name ?? ''];
        if (char === undefined) throw this.#fault(`has the unknown entity ${whole}`);
        return char;
      },
    );
  }

  #take(length: number): void {
    for (let at = this.#rest.indexOf('\n'); at >= 0 && at < length; at = this.#rest.indexOf('\n', at + 1))
      this.#line++;
    this.#rest = this.#rest.slice(length);
  }

  #fault(what: string): XmlFault {
    return new XmlFault(`${what} (line ${this.#line})`);
  }
}

/** Where the tag at the beginning of the text ends: its '>' that is in no attribute value; -1 if that is not there yet. */
function tagEnd(text: string): number {
  const pattern = /[>"']/g;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[0] === '>') return match.index;
    const quote = text.indexOf(match[0], match.index + 1);
    if (quote < 0) return -1;
    pattern.lastIndex = quote + 1;
  }
  return -1;
}
