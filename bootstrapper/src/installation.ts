import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { getAssetKeys, getRawAsset, isSea } from 'node:sea';
import { writeFileAtomic } from '@go-agent/runtime/core';

/** How this program was installed: as a script beside its bundles, or as one executable with the bundles in it. */
export interface Installation {
  /** Prefix of a command that starts this program again. */
  readonly self: readonly string[];
  /**
   * A command that runs the `main` of the file that follows it. A script of its own, where there is one: what else this program
   * consists of would stay in the memory of each process that is started so.
   */
  readonly runner: readonly string[];
  /** Resolves to the absolute path of a folder with the carried bundles. */
  readonly bundles: (home: string) => Promise<string>;
}

/** @param script absolute path of the running module; in a single executable that is the executable */
export function findInstallation(script: string, execPath: string): Installation {
  if (!isSea()) {
    const folder = join(dirname(script), 'bundles');
    const runner = join(dirname(script), 'run-entry.mjs');
    return {
      self: [execPath, script],
      runner: existsSync(runner) ? [execPath, runner] : [execPath, script, '__run'],
      bundles: () => Promise.resolve(folder),
    };
  }
  return {
    self: [execPath],
    runner: [execPath, '__run'],
    bundles: (home) => putAssets(new Map(getAssetKeys().map((key) => [key, getRawAsset(key)])), home),
  };
}

/**
 * Puts carried files into `<home>/data/carried/`: a launcher reads them by path. What is there and the same stays.
 * @param assets contents by name, such as `bundles/agent.zip`
 */
export async function putAssets(assets: ReadonlyMap<string, ArrayBuffer>, home: string): Promise<string> {
  const folder = join(home, 'data', 'carried');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [key, content] of assets) {
    if (!key.startsWith('bundles/')) continue;
    const file = join(folder, key.slice('bundles/'.length));
    const wanted = new Uint8Array(content);
    const found = await readFile(file).catch(() => undefined);
    if (found === undefined || Buffer.compare(found, wanted) !== 0) await writeFileAtomic(file, wanted);
  }
  return folder;
}
