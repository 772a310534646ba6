// The part of the tar format (POSIX pax) that batches of files need. Any tar program can read what is written here.

export interface TarEntry {
  readonly kind: 'file' | 'folder' | 'link';
  /** With `/`, without a slash at its end. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes; 0 unless it is a file. */
  readonly size: number;
  /** Of a link. */
  readonly target?: string;
  /** Hex, of a file's content. */
  readonly sha256?: string;
}

const BLOCK = 512;
const TYPES = { file: '0', link: '2', folder: '5' } as const;
const SHA256_KEY = 'GOAGENT.sha256';
/** Two empty blocks. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** What stands before the content. The content follows, filled up by {@link tarPadding}. */
export function tarHeader({ kind, path, mode, size, target = '', sha256 }: TarEntry): Buffer {
  const records: [string, string][] = [];
  if (sha256 !== undefined) records.push([SHA256_KEY, sha256]);
  if (!fits(path)) records.push(['path', path]);
  if (!fits(target)) records.push(['linkpath', target]);
  const own = block(TYPES[kind], fits(path) ? path : 'long', mode, size, fits(target) ? target : 'long');
  if (records.length === 0) return own;
  const pax = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  return Buffer.concat([block('x', 'pax', 0o644, pax.length, ''), pax, tarPadding(pax.length), own]);
}

/** Zeros up to the next block. */
export function tarPadding(size: number): Buffer {
  return TAR_END.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}

function fits(name: string): boolean {
  return name.length <= 100 && /^[\x20-\x7e]*$/.test(name);
}

function block(type: string, name: string, mode: number, size: number, target: string): Buffer {
  const head = Buffer.alloc(BLOCK);
  head.write(name, 0, 'latin1');
  head.write(
    `${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`,
    100,
    'latin1',
  );
  head.write(`        ${type}${target}`, 148, 'latin1');
  head.write('ustar\u000000', 257, 'latin1');
  head.write(`${octal(sum(head), 6)}\0 `, 148, 'latin1');
  return head;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function sum(head: Buffer): number {
  let total = 0;
  for (const byte of head) total += byte;
  return total;
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

/** A tar that is damaged, cut, or holds what may not be in it. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

export interface TarReadOptions {
  /** Bytes; a larger file is an error, since contents are in memory. */
  readonly largestFile: number;
}

export interface TarFile extends TarEntry {
  readonly content: Buffer;
}

/**
 * The entries of a tar, as they come.
 * @throws TarError; what `source` throws
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  { largestFile }: TarReadOptions,
): AsyncGenerator<TarFile> {
  const reader = new BlockReader(source);
  let pax = new Map<string, string>();
  for (;;) {
    const head = await reader.take(BLOCK);
    if (head.every((byte) => byte === 0)) return await reader.drain();
    const { type, ...entry } = parseBlock(head);
    if (entry.size > largestFile)
      throw new TarError(`The entry ${entry.path} is too large: ${entry.size} bytes`);
    const content = await reader.take(entry.size);
    await reader.take(tarPadding(entry.size).length);
    if (type === 'x') {
      pax = parsePax(content);
      continue;
    }
    const kind = kindOf(type);
    if (kind === undefined)
      throw new TarError(`The entry ${entry.path} is neither a file, a folder nor a link`);
    const path = (pax.get('path') ?? entry.path).replace(/\/$/, '');
    const target = pax.get('linkpath') ?? entry.target;
    const sha256 = pax.get(SHA256_KEY);
    pax = new Map();
    const whole = { kind, path, mode: entry.mode, size: entry.size, content };
    yield { ...whole, ...(kind === 'link' ? { target } : {}), ...(sha256 === undefined ? {} : { sha256 }) };
  }
}

function kindOf(type: string): TarEntry['kind'] | undefined {
  if (type === '0' || type === '\0') return 'file';
  if (type === '2') return 'link';
  return type === '5' ? 'folder' : undefined;
}

function parseBlock(head: Buffer) {
  const expected = Number.parseInt(text(head, 148, 8), 8);
  const blank = Buffer.from(head);
  blank.fill(' ', 148, 156);
  if (expected !== sum(blank)) throw new TarError('The tar is damaged: a header does not match its checksum');
  const size = Number.parseInt(text(head, 124, 12) || '0', 8);
  const mode = Number.parseInt(text(head, 100, 8) || '0', 8) & 0o777;
  return {
    path: text(head, 0, 100),
    mode,
    size,
    type: String.fromCharCode(head[156] ?? 0),
    target: text(head, 157, 100),
  };
}

function text(head: Buffer, start: number, length: number): string {
  const field = head.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end < 0 ? length : end).trim();
}

function parsePax(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = Number.parseInt(content.toString('latin1', at, space), 10);
    if (!(length > 0) || at + length > content.length)
      throw new TarError('The tar is damaged: a pax record is cut');
    const [key = '', ...value] = content.toString('utf8', space + 1, at + length - 1).split('=');
    records.set(key, value.join('='));
    at += length;
  }
  return records;
}

/** Takes exact numbers of bytes from chunks of any size. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    if (this.#rest.length < length) await this.#fill(length);
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return taken;
  }

  /** To the end of the source, so that its sender is not cut off. */
  async drain(): Promise<void> {
    while (!(await this.#source.next()).done);
  }

  async #fill(length: number): Promise<void> {
    const chunks: Uint8Array[] = [this.#rest];
    let size = this.#rest.length;
    while (size < length) {
      const { value, done } = await this.#source.next();
      if (done) throw new TarError('The tar is cut');
      chunks.push(value);
      size += value.length;
    }
    this.#rest = Buffer.concat(chunks);
  }
}
