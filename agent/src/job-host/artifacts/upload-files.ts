import { basename } from 'node:path';
import { ConsoleTag, consoleText } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import { batchEntries, type Origin, type Transfer } from './batch-entries.ts';
import { inParallel } from './in-parallel.ts';
import { listEntries, type UploadEntry } from './list-entries.ts';
import { readableSize } from './readable-size.ts';
import { sendBatch } from './send-batch.ts';
import { sendFile } from './send-file.ts';
import type { TransferContext } from './transfer-context.ts';
import type { UploadOutcome } from './upload-outcome.ts';

export interface PlacedSource {
  /** Absolute path of a file or folder. */
  readonly source: string;
  /** Folder among the artifacts, without slashes at its ends; empty is the root. */
  readonly dest: string;
}

/** Transfers at the same time: enough for a wire that is far, few enough for memory. */
const LANES = 4;

/**
 * Sends files and folders to our server, file by file (docs/artifacts.md).
 * @returns whether the server has all of them; if not, the console says what it has not
 * @throws the reason of `cancelled`
 */
export async function uploadFiles(
  sources: readonly PlacedSource[],
  context: TransferContext,
): Promise<boolean> {
  const { clock, console } = context;
  const started = clock.monotonic();
  const count = { files: 0, bytes: 0 };
  const failed = new Set<string>();
  await inParallel(batchEntries(entriesOf(sources, context, failed)), LANES, async (transfer) => {
    const outcome = await send(transfer, context);
    if (outcome.kind === 'done') add(count, transfer);
    else for (const match of matchesOf(transfer)) tellFailure(match, outcome, context, failed);
  });
  if (count.files > 1) {
    const seconds = ((clock.monotonic() - started) / 1000).toFixed(1);
    const text = `[go] Uploaded ${count.files} files (${readableSize(count.bytes)}) in ${seconds} s`;
    console.line(ConsoleTag.artifact, text);
  }
  return failed.size === 0;
}

async function* entriesOf(
  sources: readonly PlacedSource[],
  context: TransferContext,
  failed: Set<string>,
): AsyncGenerator<UploadEntry & Origin> {
  for (const { source, dest } of sources) {
    context.cancelled.throwIfAborted();
    context.console.line(ConsoleTag.artifact, consoleText.uploading(source, dest));
    const name = basename(source);
    try {
      for await (const entry of listEntries(source, dest === '' ? name : `${dest}/${name}`)) {
        yield { ...entry, match: source };
      }
    } catch (error) {
      tellFailure(source, { kind: 'failed', message: describeError(error) }, context, failed);
    }
  }
}

async function send(transfer: Transfer, context: TransferContext): Promise<UploadOutcome> {
  context.cancelled.throwIfAborted();
  switch (transfer.kind) {
    case 'batch':
      return sendBatch(transfer.entries, context);
    case 'file':
      return sendFile(transfer.file, context);
    case 'unreadable':
      return { kind: 'failed', message: describeError(transfer.error) };
  }
}

function add(count: { files: number; bytes: number }, transfer: Transfer): void {
  if (transfer.kind === 'file') {
    count.files += 1;
    count.bytes += transfer.file.size;
  } else if (transfer.kind === 'batch') {
    const files = transfer.entries.filter(({ kind }) => kind === 'file');
    count.files += files.length;
    count.bytes += files.reduce((total, { content }) => total + content.length, 0);
  }
}

function matchesOf(transfer: Transfer): ReadonlySet<string> {
  if (transfer.kind === 'batch') return new Set(transfer.entries.map(({ match }) => match));
  return new Set([transfer.kind === 'file' ? transfer.file.match : transfer.match]);
}

/** Once for each match: a thousand files of one folder fail for one reason. */
function tellFailure(
  match: string,
  outcome: Exclude<UploadOutcome, { kind: 'done' }>,
  { console }: TransferContext,
  failed: Set<string>,
): void {
  if (failed.has(match)) return;
  failed.add(match);
  const text =
    outcome.kind === 'denied'
      ? consoleText.uploadDenied(match, readableSize(outcome.size))
      : `${consoleText.uploadFailed(match)}\n[go] ${outcome.message}`;
  console.line(ConsoleTag.artifactError, text);
}
