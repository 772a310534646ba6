import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { saveVerified } from './save-verified.ts';
import { removeLeftovers } from './temporary-beside.ts';

export interface ExtractOptions {
  /** Throws if the MD5 (hex) of an entry is not the one wanted. */
  verify(entry: string, md5: string): void;
  readonly signal: AbortSignal;
}

/** Unpacks a zip over a folder, each file replaced whole. yauzl refuses entries that would land outside of it. */
export async function extractZip(zip: string, target: string, options: ExtractOptions): Promise<void> {
  const cleared = new Set<string>();
  const file = await openPromise(zip, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of file.eachEntry()) {
      options.signal.throwIfAborted();
      const folder = dirname(join(target, entry.fileName));
      if (!cleared.has(folder)) await removeLeftovers(folder);
      cleared.add(folder);
      await extractEntry(file, entry, target, options);
    }
  } finally {
    file.close();
  }
}

async function extractEntry(
  file: ZipFile,
  entry: Entry,
  target: string,
  options: ExtractOptions,
): Promise<void> {
  const path = join(target, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const content = await file.openReadStreamPromise(entry);
  const verify = (md5: string) => options.verify(entry.fileName, md5);
  await saveVerified(content, path, verify, options.signal, permissions(entry));
}

/** Our own agents record the mode; others leave it empty. */
function permissions({ externalFileAttributes }: Entry): number {
  const mode = (externalFileAttributes >>> 16) & 0o777;
  return mode === 0 ? 0o666 : mode;
}
