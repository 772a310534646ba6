import { buffer } from 'node:stream/consumers';
import { openPromise, type ZipFile } from 'yauzl';

/** A manifest names each file of its bundle; larger ones are none. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** The version that the manifest of a bundle names, empty if there is none; undefined if the file is no whole zip (yet). */
export async function readBundleVersion(path: string): Promise<string | undefined> {
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  } catch {
    return undefined;
  }
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== 'manifest.json' || entry.uncompressedSize > MAX_MANIFEST_BYTES) continue;
      const manifest: unknown = JSON.parse((await buffer(await zip.openReadStreamPromise(entry))).toString());
      return versionOf(manifest);
    }
  } catch {
    // Not what a bundle looks like; the agents will say so.
  } finally {
    zip.close();
  }
  return '';
}

function versionOf(manifest: unknown): string {
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : undefined;
  return typeof version === 'string' && /^[\w.+-]{1,64}$/.test(version) ? version : '';
}
