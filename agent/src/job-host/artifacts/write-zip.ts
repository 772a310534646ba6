import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HashingTransform } from '@go-agent/runtime/core';
import { ZipFile } from 'yazl';
import { listTree, type TreeEntry } from './list-tree.ts';

export interface ZipReport {
  /** Of the content, before compression, in bytes. */
  readonly size: number;
  /** Name in the zip to MD5 in hex, one for each file. */
  readonly md5: ReadonlyMap<string, string>;
}

const FASTEST = 1;

/** Zips a file, or a folder with its own name as the root, into `target`; each file is read once, one after the other. */
export async function writeZip(source: string, target: string, signal: AbortSignal): Promise<ZipReport> {
  const zip = new ZipFile();
  const hashes = new Map<string, HashingTransform>();
  // yazl types its output as the old stream interface; it is a PassThrough.
  const output = zip.outputStream as Readable;
  zip.on('error', (error: Error) => output.destroy(error));
  const written = pipeline(output, createWriteStream(target), { signal });
  // It may fail while the files are still being listed; whoever waits for it below gets to know.
  written.catch(() => undefined);
  try {
    for await (const entry of listTree(source)) {
      if (output.destroyed) break;
      addEntry(zip, entry, hashes, output);
    }
    zip.end();
  } catch (error) {
    output.destroy();
    await written.catch(() => undefined);
    throw error;
  }
  await written;
  const sums = [...hashes].map(([name, hash]) => ({ name, ...hash.checksums }));
  return {
    size: sums.reduce((total, { bytes }) => total + bytes, 0),
    md5: new Map(sums.map(({ name, md5 }) => [name, md5])),
  };
}

function addEntry(
  zip: ZipFile,
  entry: TreeEntry,
  hashes: Map<string, HashingTransform>,
  output: Readable,
): void {
  const { source, name, mode, modified: mtime } = entry;
  if (entry.isFolder) {
    zip.addEmptyDirectory(name, { mtime, mode });
    return;
  }
  const hash = new HashingTransform();
  hashes.set(name, hash);
  zip.addReadStreamLazy(name, { mtime, mode, compressionLevel: FASTEST }, (give) => {
    const content = createReadStream(source, { highWaterMark: 1 << 18 });
    content.on('error', (error) => output.destroy(error));
    give(null, content.pipe(hash));
  });
}
