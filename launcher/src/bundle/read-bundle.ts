import { readFile } from 'node:fs/promises';
import { type CheckedBundle, checkBundle } from '@go-agent/protocol/bundle-check';
import type { BundleName } from '@go-agent/protocol/launch-contract';
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
  const bytes = await readFile(file);
  let bundle: CheckedBundle;
  try {
    bundle = checkBundle(name, new AdmZip(bytes).getEntries());
  } catch (error) {
    throw new AppError('launcher-bundle-refused', `Bundle ${file} is no zip that can be read`, {
      cause: error,
    });
  }
  if (!bundle.ok)
    throw new AppError('launcher-bundle-refused', `Bundle ${file} is refused: ${bundle.reason}`);
  return bundle;
}
