// Which versions of which pipeline files are in force: of two files that do not fit together, the one that was there first stays.

import { createHash } from 'node:crypto';
import type { ParsedFile } from './parse-pipeline-file.ts';

/** Digests of the files' texts, by file. */
export type FilesInForce = ReadonlyMap<string, string>;

/** Outlives the server: another file would own a pipeline, and go on with its history, after a restart. */
export interface InForceMemory {
  load(): Promise<FilesInForce>;
  save(files: FilesInForce): Promise<void>;
}

export function inForce(good: Iterable<ParsedFile>): FilesInForce {
  return new Map([...good].map(({ file, digest }) => [file, digest]));
}

/** As it is in force, then as a change of what is, then new. */
export function byAge(files: readonly ParsedFile[], known: FilesInForce): ParsedFile[] {
  const rank = ({ file, digest }: ParsedFile) => {
    const before = known.get(file);
    if (before === undefined) return 2;
    return before === digest ? 0 : 1;
  };
  return files.toSorted((one, other) => rank(one) - rank(other));
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function isSame(one: FilesInForce, other: FilesInForce): boolean {
  return one.size === other.size && [...one].every(([file, digest]) => other.get(file) === digest);
}
