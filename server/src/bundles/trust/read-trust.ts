import { parseJson } from '@go-agent/protocol';
import {
  decodeRoot,
  decodeTargets,
  goodSignatures,
  type Root,
  type SignedDocument,
  type Targets,
} from '@go-agent/protocol/trust';
import { AppError, describeError } from '@go-agent/runtime';

/** Metadata of a release maker by file name: `N.root.json` and `N.targets.json`. */
export type TrustFiles = ReadonlyMap<string, Buffer>;

export interface Trust {
  /** The newest root. */
  readonly root: Root;
  /** The newest list of what may run. */
  readonly targets: Targets;
}

/**
 * Checks metadata as an agent would: each root is signed by the one before it and by itself, the targets by the newest root.
 * @throws AppError `release-refused` with what is wrong and what to do
 */
export function readTrust(files: TrustFiles): Trust {
  const roots = versions(files, 'root').map((version) => read(files, `${version}.root.json`, decodeRoot));
  let root: Root | undefined;
  for (const document of roots) {
    const next = document.signed;
    if (root !== undefined && next.version !== root.version + 1)
      throw refused(`${root.version + 1}.root.json is missing: an agent gets from one root to the next`);
    checkSignatures(document, root ?? next, 'root', `${next.version}.root.json`);
    checkSignatures(document, next, 'root', `${next.version}.root.json`);
    root = next;
  }
  const newest = versions(files, 'targets').at(-1);
  if (root === undefined) throw refused('there is no N.root.json');
  if (newest === undefined) throw refused('there is no N.targets.json');
  const targets = read(files, `${newest}.targets.json`, decodeTargets);
  checkSignatures(targets, root, 'targets', `${newest}.targets.json`);
  return { root, targets: targets.signed };
}

export function refused(reason: string, cause?: unknown): AppError {
  return new AppError('release-refused', `The release is refused: ${reason}`, { cause });
}

/** In rising order. */
function versions(files: TrustFiles, role: 'root' | 'targets'): number[] {
  const numbers = [...files.keys()].map((name) => new RegExp(`^(\\d+)\\.${role}\\.json$`).exec(name)?.[1]);
  return numbers
    .filter((number) => number !== undefined)
    .map(Number)
    .toSorted((a, b) => a - b);
}

function read<T extends { readonly version: number }>(
  files: TrustFiles,
  name: string,
  decode: (value: unknown) => SignedDocument<T>,
): SignedDocument<T> {
  let document: SignedDocument<T>;
  try {
    document = parseJson(files.get(name)?.toString('utf8') ?? '', decode);
  } catch (error) {
    throw refused(`${name} is damaged (${describeError(error)}); copy it anew`, error);
  }
  if (document.signed.version === Number.parseInt(name, 10)) return document;
  throw refused(`${name} says that it is version ${document.signed.version}`);
}

function checkSignatures(
  document: SignedDocument<Root | Targets>,
  by: Root,
  role: 'root' | 'targets',
  name: string,
): void {
  const good = new Set(goodSignatures(document, by, role)).size;
  const { threshold } = by.roles[role];
  if (good < threshold || threshold < 1) {
    throw refused(
      `${name} has ${good} good signatures of the ${threshold} that ${by.version}.root.json asks for. ` +
        'It was changed, or signed with other keys: take it from the release maker again',
    );
  }
}
