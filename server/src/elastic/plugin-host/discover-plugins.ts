import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '@go-agent/protocol';
import { decodePluginManifest, type PluginManifest } from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import { isMissing } from '../../http/missing-file.ts';

export interface InstalledPlugin {
  readonly manifest: PluginManifest;
  /** Absolute. */
  readonly folder: string;
}

export interface Discovery {
  readonly plugins: readonly InstalledPlugin[];
  /** Folders that are not usable, and why. */
  readonly problems: readonly { readonly folder: string; readonly message: string }[];
}

const MANIFEST = 'plugin.json';

/** All sub-folders with a manifest; of two with the same id the first counts. */
export async function discoverPlugins(folders: readonly string[]): Promise<Discovery> {
  const plugins = new Map<string, InstalledPlugin>();
  const problems: { folder: string; message: string }[] = [];
  for (const parent of folders) {
    for (const name of await subfolders(parent)) {
      const folder = join(parent, name);
      try {
        const text = await readFile(join(folder, MANIFEST), 'utf8');
        const manifest = parseJson(text, decodePluginManifest);
        const other = plugins.get(manifest.id);
        if (other === undefined) plugins.set(manifest.id, { manifest, folder });
        else problems.push({ folder, message: `Plugin ${manifest.id} is in ${other.folder} already` });
      } catch (error) {
        if (!isMissing(error)) problems.push({ folder, message: `${MANIFEST}: ${describeError(error)}` });
      }
    }
  }
  return { plugins: [...plugins.values()], problems };
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
