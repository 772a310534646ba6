import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { HeaderName } from '@go-agent/protocol';
import type { RelayAnswer } from '../relay.ts';
import { Patience } from './patience.ts';
import { temporaryBeside } from './temporary-beside.ts';
import type { TransferContext } from './transfer-context.ts';

export interface Download {
  /** Of the server's URL. */
  readonly path: string;
  /** Absolute; its folder is there. */
  readonly target: string;
  /** Permission bits, less the umask. */
  readonly mode?: number;
  readonly algorithm: 'md5' | 'sha256';
  /** There is a checksum, so that what was put together from parts can be trusted. */
  readonly canResume: boolean;
  /** Throws if the checksum (hex) is not the one wanted. */
  verify(hex: string): void;
}

export type DownloadResult =
  | { readonly kind: 'done' }
  /** Neither 200 nor, for the rest of a file, 206. */
  | { readonly kind: 'status'; readonly status: number; readonly said: string };

/** In a row without a byte of progress. */
const ATTEMPTS = 3;

type DownloadContext = Pick<TransferContext, 'relay' | 'clock' | 'cancelled' | 'console'>;

/**
 * Gets a file beside its place and moves it there when it is whole and verified. After a connection that was cut it goes on
 * where that ended.
 * @throws what `verify` throws; what the connection reports when it keeps being cut; the reason of `cancelled`
 */
export async function download(what: Download, context: DownloadContext): Promise<DownloadResult> {
  const temporary = temporaryBeside(what.target);
  const file = await open(temporary, 'wx', what.mode ?? 0o666);
  try {
    // Within: a system may forbid MD5.
    const part = new Part(file, what.algorithm);
    const refusal = await receive(part, what, context);
    await file.close();
    if (refusal !== undefined) return refusal;
    what.verify(part.hash.digest('hex'));
    await rename(temporary, what.target);
    return { kind: 'done' };
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

class Part {
  readonly file: FileHandle;
  readonly #algorithm: string;
  hash: Hash;
  size = 0;

  constructor(file: FileHandle, algorithm: string) {
    this.file = file;
    this.#algorithm = algorithm;
    this.hash = createHash(algorithm);
  }

  async startOver(): Promise<void> {
    await this.file.truncate(0);
    this.hash = createHash(this.#algorithm);
    this.size = 0;
  }

  /** @param fileMode octal, of the file on our server; of a stock server nothing is known */
  async makeExecutable(fileMode: string | undefined): Promise<void> {
    const executable = Number.parseInt(fileMode ?? '0', 8) & 0o111;
    if (executable !== 0) await this.file.chmod((await this.file.stat()).mode | executable);
  }

  async add(chunk: Buffer): Promise<void> {
    this.hash.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await this.file.write(chunk, at, chunk.length - at, this.size + at);
      at += bytesWritten;
    }
    this.size += chunk.length;
  }
}

/** @returns undefined when all of it is here */
async function receive(
  part: Part,
  { path, canResume }: Download,
  context: DownloadContext,
): Promise<DownloadResult | undefined> {
  const { relay, cancelled: signal } = context;
  const patience = new Patience(context);
  for (let attempt = 1; ; attempt += 1) {
    if (part.size > 0 && !canResume) await part.startOver();
    const before = part.size;
    const headers: Record<string, string> = before > 0 ? { Range: `bytes=${before}-` } : {};
    const answer = await patience.ask(() => relay.request({ method: 'GET', path, headers, signal }));
    if (before > 0 && answer.status === 200) await part.startOver();
    else if (answer.status !== (before > 0 ? 206 : 200)) return refusal(answer);
    await part.makeExecutable(answer.header(HeaderName.fileMode));
    try {
      for await (const chunk of answer.body as AsyncIterable<Buffer>) await part.add(chunk);
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (part.size > before && canResume) attempt = 0;
      if (attempt >= ATTEMPTS || !(await patience.wait())) throw error;
    }
  }
}

async function refusal({ status, body }: RelayAnswer): Promise<DownloadResult> {
  // Of a proxy's page, the beginning is enough.
  return { kind: 'status', status, said: (await text(body)).trim().slice(0, 300) };
}
