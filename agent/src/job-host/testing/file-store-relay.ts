import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import {
  decodeFileSelection,
  parseSha256Lines,
  readTar,
  TAR_END,
  tarHeader,
  tarPadding,
} from '@go-agent/protocol';
import { JOURNAL } from '../../journal/format.ts';

export interface StoredEntry {
  readonly mode: number;
  readonly content: Buffer;
  readonly target?: string;
}

/** What happens to a request: nothing, an answer instead, or its connection is cut after so many bytes of either body. */
export type Fault = { readonly status: number } | { readonly cutAfter: number } | undefined;

export interface FileStoreRelay extends AsyncDisposable {
  readonly entries: Map<string, StoredEntry>;
  /** `METHOD /path?query` below the job, of all requests. */
  readonly requests: string[];
  /** Path to SHA-256, as in the server's list. */
  sums(): ReadonlyMap<string, string>;
}

const JOB = /^\/go\/remoting\/files(?:\/[^/]+){5}\/?/;

/** Listens on a job's relay.sock and answers as our server does (docs/artifacts.md), from memory, with faults. */
export async function fileStoreRelay(
  folder: string,
  fault: (request: string) => Fault = () => undefined,
): Promise<FileStoreRelay> {
  const entries = new Map<string, StoredEntry>();
  const requests: string[] = [];
  const partials = new Map<string, Buffer>();
  const server = createServer((message, response) => {
    const [path = '', query = ''] = (message.url ?? '').replace(JOB, '').split('?');
    const request = { message, response, path: decodeURI(path), query: new URLSearchParams(query) };
    requests.push(`${message.method} ${path}${query === '' ? '' : `?${query}`}`);
    response.setHeader('Go-Agent-Server', '1');
    void answer({ entries, partials }, request, fault(requests.at(-1) ?? '')).catch(() => response.destroy());
  });
  server.listen(join(folder, JOURNAL.relaySocket));
  await once(server, 'listening');
  return {
    entries,
    requests,
    sums: () => parseSha256Lines(listOf({ entries, partials }, 'sha256.checksum')),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Store {
  readonly entries: Map<string, StoredEntry>;
  readonly partials: Map<string, Buffer>;
}

interface StoreRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
}

async function answer(store: Store, request: StoreRequest, fault: Fault): Promise<void> {
  const { message, response, query } = request;
  if (fault !== undefined && 'status' in fault) {
    await message.toArray();
    response.writeHead(fault.status).end('a fault');
    return;
  }
  const limit = fault?.cutAfter ?? Number.POSITIVE_INFINITY;
  const id = query.get('upload');
  if (message.method === 'HEAD' && id !== null) {
    response
      .writeHead(200, { 'Upload-Offset': store.partials.get(id)?.length ?? 0, 'Upload-Complete': '?0' })
      .end();
  } else if (message.method === 'PUT' && id !== null) await takePart(store, request, id, limit);
  else if (message.method === 'POST') await takeBatch(store, request, limit);
  else if (message.method === 'QUERY') await giveSome(store, request, limit);
  else answerGet(store, request, limit);
}

function answerGet(store: Store, { message, response, path, query }: StoreRequest, limit: number): void {
  const content = query.has('manifest') ? Buffer.from(manifestOf(store, path)) : contentOf(store, path);
  const from = Number(/^bytes=(\d+)-$/.exec(message.headers.range ?? '')?.[1] ?? 0);
  if (content === undefined) response.writeHead(404).end(`Artifact '${path}' is unavailable`);
  else give(response, content.subarray(from), limit, from > 0 ? 206 : 200);
}

function contentOf(store: Store, path: string): Buffer | undefined {
  return path.endsWith('.checksum') ? Buffer.from(listOf(store, path)) : store.entries.get(path)?.content;
}

async function* limited(message: IncomingMessage, limit: number): AsyncGenerator<Buffer> {
  let left = limit;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left < 0) throw new Error('cut');
  }
}

async function takePart(
  { entries, partials }: Store,
  { message, response, path }: StoreRequest,
  id: string,
  limit: number,
): Promise<void> {
  let position = Number(message.headers['upload-offset']);
  for await (const chunk of limited(message, limit)) {
    const before = partials.get(id) ?? Buffer.alloc(0);
    partials.set(id, Buffer.concat([before, chunk.subarray(before.length - position)]));
    position += chunk.length;
  }
  const content = partials.get(id) ?? Buffer.alloc(0);
  if (message.headers['upload-complete'] !== '?1') {
    response.writeHead(204, { 'Upload-Offset': content.length }).end();
    return;
  }
  const isRight =
    message.headers['repr-digest'] === `sha-256=:${createHash('sha256').update(content).digest('base64')}:`;
  if (isRight)
    entries.set(path, { content, mode: Number.parseInt(String(message.headers['go-file-mode']), 8) });
  response.writeHead(isRight ? 201 : 422).end();
}

async function takeBatch(
  { entries }: Store,
  { message, response }: StoreRequest,
  limit: number,
): Promise<void> {
  for await (const entry of readTar(limited(message, limit), { largestFile: 1 << 20 }))
    entries.set(entry.path, entry);
  response.writeHead(201).end();
}

async function giveSome(
  { entries }: Store,
  { message, response, path }: StoreRequest,
  limit: number,
): Promise<void> {
  const { files } = decodeFileSelection(await json(message));
  const parts = files.flatMap((name) => {
    const entry = entries.get(`${path}/${name}`);
    if (entry === undefined) return [];
    const { content, mode } = entry;
    return [
      tarHeader({ kind: 'file', path: name, mode, size: content.length }),
      content,
      tarPadding(content.length),
    ];
  });
  give(response, Buffer.concat([...parts, TAR_END]), limit);
}

function give(response: ServerResponse, content: Buffer, limit: number, status = 200): void {
  response.writeHead(status, { 'Content-Length': content.length });
  if (limit >= content.length) response.end(content);
  // What is written has gone out before the cut.
  else response.write(content.subarray(0, limit), () => response.destroy());
}

function manifestOf({ entries }: Store, folder: string): string {
  const below = [...entries].filter(([path]) => path.startsWith(`${folder}/`));
  return below
    .map(([full, { content, mode, target }]) => {
      const path = full.slice(folder.length + 1);
      const entry =
        target === undefined
          ? { kind: 'file', path, mode, size: content.length }
          : { kind: 'link', path, target };
      return `${JSON.stringify(entry)}\n`;
    })
    .join('');
}

function listOf({ entries }: Store, list: string): string {
  if (list.endsWith('md5.checksum')) return '';
  const files = [...entries].filter(([, { target }]) => target === undefined);
  return files
    .map(([path, { content }]) => `${createHash('sha256').update(content).digest('hex')}  ${path}\n`)
    .join('');
}
