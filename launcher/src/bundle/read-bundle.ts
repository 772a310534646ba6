import { readFile } from 'node:fs/promises';
import { type CheckedBundle, checkBundle } from '@go-agent/protocol/bundle-check';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import { whyNotPlainZip } from '@go-agent/protocol/plain-zip';
import { AppError } from '@go-agent/runtime';
import AdmZip from 'adm-zip';

/**
 * Reads and checks a bundle zip; nothing of it is unpacked.
 * @throws AppError launcher-bundle-refused
 */
export async function readBundle(
  name: BundleName,
  file: string,
): Promise<Extract<CheckedBundle, { ok: true }>> {
  const bundle = check(name, file, await readFile(file));
  if (!bundle.ok)
    throw new AppError('launcher-bundle-refused', `Bundle ${file} is refused: ${bundle.reason}`);
  return bundle;
}

function check(name: BundleName, file: string, bytes: Buffer): CheckedBundle {
  const trick = whyNotPlainZip(bytes);
  if (trick !== undefined) return { ok: false, reason: trick };
  try {
    const entries = new AdmZip(bytes).getEntries();
    const bundle = checkBundle(name, entries);
    if (!bundle.ok) return bundle;
    // Fewer bytes than announced do no harm, but are a lie.
    const lie = entries.find(({ entryName, header }) => {
      const content = bundle.files.get(entryName);
      return content !== undefined && content.length !== header.size;
    });
    if (lie === undefined) return bundle;
    return { ok: false, reason: `file "${lie.entryName}" has another size than its entry says` };
  } catch (cause) {
    throw new AppError('launcher-bundle-refused', `Bundle ${file} is no zip that can be read`, { cause });
  }
}
