import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { isMissing } from '../http/missing-file.ts';
import { isUnfinished } from './unfinished-name.ts';

/**
 * A folder as a zip, made while it is read. Entry names begin with the folder's own name: an agent looks them up in the
 * checksum file by it (agent-protocol 6.5, 10.3.20). A link is what it names: GoCD's zips have no links.
 */
export async function zipFolder(folder: string): Promise<Readable> {
  const zip = new ZipFile();
  const output = new PassThrough({ highWaterMark: 256 * 1024 });
  zip.on('error', (error: Error) => output.destroy(error));
  await addFolder(zip, folder, basename(folder), []);
  zip.end();
  zip.outputStream.pipe(output);
  return output;
}

/** @param above real folders on the way here, so that links do not lead in circles */
async function addFolder(
  zip: ZipFile,
  folder: string,
  name: string,
  above: readonly string[],
): Promise<void> {
  const real = await realpath(folder);
  if (above.includes(real)) return;
  zip.addEmptyDirectory(name);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (isUnfinished(entry.name)) continue;
    const path = join(folder, entry.name);
    const found = entry.isSymbolicLink() ? await followed(path) : entry;
    if (found?.isDirectory()) await addFolder(zip, path, `${name}/${entry.name}`, [...above, real]);
    // Fastest rather than smallest: most artifacts are packed already.
    else if (found?.isFile()) zip.addFile(path, `${name}/${entry.name}`, { compressionLevel: 1 });
  }
}

async function followed(path: string) {
  return stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}
