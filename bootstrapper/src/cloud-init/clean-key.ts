import { glob, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where cloud-init keeps copies of what it was given, and tells what it did. */
const places = ['var/lib/cloud/**', 'run/cloud-init/**', 'var/log/cloud-init*'];
/** Nothing that cloud-init writes is larger. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/**
 * Overwrites a key wherever cloud-init has it on this machine: bytes for bytes, in place, so that its files stay readable.
 * @returns the files that had it
 */
export async function cleanKey(key: string, root = '/'): Promise<string[]> {
  const cleaned: string[] = [];
  for await (const entry of glob(places, { cwd: root, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const before = await readFile(path);
    if (before.length > LARGEST_BYTES) continue;
    const after = maskKey(before, key);
    if (after.equals(before)) continue;
    await using file = await open(path, 'r+');
    await file.write(after, 0, after.length, 0);
    await file.sync();
    cleaned.push(path);
  }
  return cleaned;
}

/** The same bytes with the key, also in JSON, YAML and base64, made illegible. */
export function maskKey(content: Buffer, key: string): Buffer {
  const masked = Buffer.from(content);
  for (const form of formsOf(key)) {
    for (let at = masked.indexOf(form); at !== -1; at = masked.indexOf(form, at + form.length)) {
      masked.fill('x', at, at + form.length);
    }
  }
  return masked;
}

function formsOf(key: string): string[] {
  const quoted = JSON.stringify(key).slice(1, -1);
  const encoded = [0, 1, 2].map((offset) => {
    // Bytes beside the key share the outermost characters with it.
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(key)])
      .toString('base64')
      .replaceAll('=', '');
    const outer = (offset + Buffer.byteLength(key)) % 3;
    return text.slice(offset === 0 ? 0 : offset + 1, outer === 0 ? undefined : -1);
  });
  return [...new Set([key, quoted, ...encoded])].filter((form) => form.length >= 4);
}
