import { createReadStream, type ReadStream, type Stats } from 'node:fs';
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
  let reading: ReadStream | undefined;
  // Who goes away in the middle would leave a file open for ever.
  output.once('close', () => reading?.destroy());
  const addFile: AddFile = (path, name, { size, mtime, mode }) =>
    // Fastest rather than smallest: most artifacts are packed already.
    zip.addReadStreamLazy(name, { size, mtime, mode, compressionLevel: 1 }, (take) => {
      if (output.destroyed) return;
      reading = createReadStream(path).on('error', (error) => output.destroy(error));
      take(null, reading);
    });
  try {
    await addFolder({ zip, addFile }, folder, basename(folder), []);
  } catch (error) {
    output.destroy();
    throw error;
  }
  zip.end();
  zip.outputStream.pipe(output);
  return output;
}

type AddFile = (path: string, name: string, stats: Stats) => void;

/** @param above real folders on the way here, so that links do not lead in circles */
async function addFolder(
  to: { readonly zip: ZipFile; readonly addFile: AddFile },
  folder: string,
  name: string,
  above: readonly string[],
): Promise<void> {
  const real = await realpath(folder);
  if (above.includes(real)) return;
  to.zip.addEmptyDirectory(name);
  for (const entry of await readdir(folder)) {
    if (isUnfinished(entry)) continue;
    const path = join(folder, entry);
    const found = await statIfThere(path);
    if (found?.isDirectory()) await addFolder(to, path, `${name}/${entry}`, [...above, real]);
    else if (found?.isFile()) to.addFile(path, `${name}/${entry}`, found);
  }
}

/** Of what a link names. */
async function statIfThere(path: string) {
  return stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}
