import { randomBytes } from 'node:crypto';
import { constants, type PathLike } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toError } from './app-error.ts';

export interface WriteFileAtomicOptions {
  /** Permission bits of the new file. Default 0o644, less the umask. */
  readonly mode?: number;
}

/**
 * Replaces a file so that a crash or power cut at any moment leaves either the old or the new content, whole.
 * A failure leaves the old file and no temporary one.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  { mode = 0o644 }: WriteFileAtomicOptions = {},
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await using file = await open(temporary, 'wx', mode);
    await file.writeFile(data);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the folder's entries (created, renamed, removed files) survive a power cut. */
export async function syncFolder(path: PathLike): Promise<void> {
  // Windows cannot open a folder, and journals its entries by itself.
  if (process.platform === 'win32') return;
  await using folder: FileHandle = await open(path, constants.O_RDONLY);
  await folder.sync();
}

/** Appends to a file (made if missing, with `mode`) and returns when the bytes are on the disk. */
export async function appendDurable(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  await using file = await open(path, 'a', mode);
  await file.appendFile(data);
  await file.datasync();
}

export type JsonFile<T> =
  | { readonly kind: 'missing' }
  /** Not JSON, or refused by `decode`. */
  | { readonly kind: 'corrupt'; readonly error: Error }
  | { readonly kind: 'ok'; readonly value: T };

/**
 * Reads a JSON file that may be absent or damaged.
 * @param decode turns what was parsed into a value, or throws
 * @throws what the file system reports, other than the file's absence (for example EACCES)
 */
export async function readJsonFile<T>(path: string, decode: (parsed: unknown) => T): Promise<JsonFile<T>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return { kind: 'missing' };
    throw error;
  }
  try {
    return { kind: 'ok', value: decode(JSON.parse(text)) };
  } catch (error) {
    return { kind: 'corrupt', error: toError(error) };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
