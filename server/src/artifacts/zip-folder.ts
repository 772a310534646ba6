import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/**
 * A folder as a zip, made while it is read. Entry names begin with the folder's own name: an agent looks them up in the
 * checksum file by it (agent-protocol 6.5, 10.3.20).
 */
export async function zipFolder(folder: string): Promise<Readable> {
  const zip = new ZipFile();
  const output = new PassThrough({ highWaterMark: 256 * 1024 });
  zip.on('error', (error: Error) => output.destroy(error));
  await addFolder(zip, folder, basename(folder));
  zip.end();
  zip.outputStream.pipe(output);
  return output;
}

async function addFolder(zip: ZipFile, folder: string, name: string): Promise<void> {
  zip.addEmptyDirectory(name);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await addFolder(zip, path, `${name}/${entry.name}`);
    // Fastest rather than smallest: most artifacts are packed already.
    else if (entry.isFile() && !isUnfinished(entry.name))
      zip.addFile(path, `${name}/${entry.name}`, { compressionLevel: 1 });
  }
}

function isUnfinished(name: string): boolean {
  return /^\.[0-9a-f]{16}\.part$/.test(name);
}
