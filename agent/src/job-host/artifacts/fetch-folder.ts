import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { artifactFolderPath } from '@go-agent/protocol';
import { extractZip } from './extract-zip.ts';
import type { Fetch, FetchResult } from './fetch-file.ts';
import { requestReady } from './request-ready.ts';

/** A folder comes as a zip with the folder's own name as its root; it is unpacked over what is there. */
export async function fetchFolder({
  jobIdentifier,
  srcFile,
  target,
  verifier,
  context,
}: Fetch): Promise<FetchResult> {
  const { status, body } = await requestReady(context, artifactFolderPath(jobIdentifier, srcFile));
  if (status !== 200) {
    const said = (await text(body)).trim().slice(0, 300);
    if (status === 202) return { kind: 'failed', message: 'the server is still making the zip' };
    return status === 404
      ? { kind: 'missing', said }
      : { kind: 'failed', message: `the server answered ${status}` };
  }
  const zip = join(context.folder, 'fetch.zip');
  try {
    await pipeline(body, createWriteStream(zip), { signal: context.cancelled });
    await mkdir(target, { recursive: true });
    // The keys of the checksum file are paths in the source job; the zip begins at the folder's parent.
    const parent = posix.dirname(srcFile.replaceAll('\\', '/').replace(/^\/+|\/+$/g, ''));
    const prefix = parent === '.' ? '' : `${parent}/`;
    await extractZip(zip, target, {
      verify: (entry, md5) => verifier.verify(`${prefix}${entry}`, md5),
      signal: context.cancelled,
    });
    return { kind: 'done', changed: true };
  } finally {
    await rm(zip, { force: true });
  }
}
