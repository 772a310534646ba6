import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LARGEST_BATCH, LARGEST_BATCHED_FILE, MOST_BATCHED } from '@go-agent/protocol';
import type { UploadEntry } from './list-entries.ts';

/** Where an entry comes from, as the console names it. */
export interface Origin {
  /** Absolute path of what a plan's pattern matched. */
  readonly match: string;
}

export interface BatchedEntry extends Origin {
  readonly kind: 'file' | 'folder' | 'link';
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
  /** Hex, of a file. */
  readonly sha256?: string;
  /** Of a link. */
  readonly target?: string;
}

export interface LargeFile extends Origin {
  readonly source: string;
  readonly path: string;
  readonly size: number;
  readonly mode: number;
}

/** What goes to the server in one request, or in a row of its own. */
export type Transfer =
  | { readonly kind: 'batch'; readonly entries: readonly BatchedEntry[] }
  | { readonly kind: 'file'; readonly file: LargeFile }
  | (Origin & { readonly kind: 'unreadable'; readonly error: unknown });

/** Reads the small files, and puts as many together as one request takes. */
export async function* batchEntries(entries: AsyncIterable<UploadEntry & Origin>): AsyncGenerator<Transfer> {
  let batch: BatchedEntry[] = [];
  let bytes = 0;
  for await (const entry of entries) {
    if (entry.kind === 'file' && entry.size > LARGEST_BATCHED_FILE) {
      yield { kind: 'file', file: entry };
      continue;
    }
    let batched: BatchedEntry;
    try {
      batched = readEntry(entry);
    } catch (error) {
      yield { kind: 'unreadable', match: entry.match, error };
      continue;
    }
    if (batched.content.length > LARGEST_BATCHED_FILE && entry.kind === 'file') {
      // It has grown since it was listed.
      yield { kind: 'file', file: { ...entry, size: batched.content.length } };
      continue;
    }
    batch.push(batched);
    bytes += batched.content.length;
    if (bytes < LARGEST_BATCH && batch.length < MOST_BATCHED) continue;
    yield { kind: 'batch', entries: batch };
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield { kind: 'batch', entries: batch };
}

const NOTHING = Buffer.alloc(0);

/** Synchronous: through the thread pool, a small file takes five times as long. */
function readEntry(entry: UploadEntry & Origin): BatchedEntry {
  const { kind, path, match } = entry;
  if (kind === 'folder') return { kind, path, match, mode: 0o755, content: NOTHING };
  if (kind === 'link') return { kind, path, match, mode: 0o777, content: NOTHING, target: entry.target };
  const content = readFileSync(entry.source);
  return {
    kind,
    path,
    match,
    mode: entry.mode,
    content,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
}
