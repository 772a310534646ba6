import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '@go-agent/runtime/core';
import { decodePluginManifest, type PluginManifest } from './plugin-manifest.ts';

export interface TaskPlugin extends PluginManifest {
  /** Absolute path of the plugin's own folder. */
  readonly folder: string;
}

export interface PluginSearch {
  readonly plugin: TaskPlugin | undefined;
  /** The ids of all plugins that were found on the way. */
  readonly known: readonly string[];
  /** What cannot be used, and why: a folder of plugins, or a `plugin.json`. */
  readonly problems: readonly string[];
}

const MANIFEST = 'plugin.json';

/** Looks for a plugin in `<folder>/<any name>/plugin.json`, folder by folder. A folder that is not there has no plugins. */
export async function findTaskPlugin(id: string, folders: readonly string[]): Promise<PluginSearch> {
  const known: string[] = [];
  const problems: string[] = [];
  for (const folder of folders) {
    for (const name of await subfolders(folder, problems)) {
      const path = join(folder, name);
      const manifest = await readManifest(join(path, MANIFEST));
      if (manifest === undefined) continue;
      if (typeof manifest === 'string') problems.push(manifest);
      else if (manifest.id === id) return { plugin: { ...manifest, folder: path }, known, problems };
      else known.push(manifest.id);
    }
  }
  return { plugin: undefined, known, problems };
}

async function subfolders(folder: string, problems: string[]): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
    return folders.map(({ name }) => name).sort();
  } catch (error) {
    // The job's user may not be let in.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      problems.push(`${folder}: ${describeError(error)}`);
    return [];
  }
}

/** Undefined if there is no such file, a sentence if it is of no use. */
async function readManifest(path: string): Promise<PluginManifest | string | undefined> {
  try {
    return decodePluginManifest(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : `${path}: ${describeError(error)}`;
  }
}
