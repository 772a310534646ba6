import { refused, type TrustFiles } from './read-trust.ts';

export interface MergedTrust {
  readonly files: TrustFiles;
  /** What came is of another release maker: nothing of what was there is kept. */
  readonly anew: boolean;
}

/**
 * What a mirror serves from now on: all that it has served, and what has come. So versions never go back, whatever happens to
 * the folder that metadata comes from.
 * @throws AppError `release-refused` if a document has changed under its version
 */
export function mergeTrust(own: TrustFiles, incoming: TrustFiles): MergedTrust {
  const roots = [...incoming.keys()].filter((name) => name.endsWith('.root.json'));
  if (roots.length === 0) return { files: own, anew: false };
  const isSame = (name: string) => own.get(name)?.equals(incoming.get(name) as Buffer) ?? false;
  if (!roots.some(isSame)) return { files: incoming, anew: own.size > 0 };
  const changed = [...incoming.keys()].find((name) => own.has(name) && !isSame(name));
  if (changed !== undefined) {
    throw refused(
      `${changed} is not the one that was served before under this name. A document keeps its bytes; a new one needs a new version`,
    );
  }
  return { files: new Map([...own, ...incoming]), anew: false };
}
