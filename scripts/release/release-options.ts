import { parseArgs } from 'node:util';

export const HELP = `Signs releases of the bundles that a server offers to its agents (docs/releases.md).

Usage: npm run release -- --keys FOLDER (one of the following) [--json]

  --init-keys                        makes the keys and the first root. FOLDER must be new or empty
      --root-keys N                  how many root keys there are (3)
      --root-threshold N             how many of them must sign a new root (2)
  --version X --out FOLDER           builds the bundles and signs them as a release of their own; FOLDER must be new
  --version X --add-to FOLDER        the same, added to the releases in FOLDER; it becomes the newest
      --plugins ZIP                  adds this bundle of task plugins to the release too
      --bundles FOLDER               takes agent.zip and agent-launcher.zip from there instead of building them
  --plugins ZIP --add-to FOLDER      adds a bundle of task plugins only
  --remove X --add-to FOLDER         takes release X off the signed list
  --renew --add-to FOLDER            signs the list again, before it expires (a year after the last time)
  --rotate-root [--replace LIST] [--add-to FOLDER]
                                     makes the next root. LIST: which keys are replaced, of root, targets, online (root);
                                     none: only the date of expiry changes
  --json                             prints the result as JSON
  --help

SOURCE_DATE_EPOCH (seconds) sets the time of signing: same sources, keys and time, same bytes.

Example:
  npm run release -- --init-keys --keys ~/go-agent-keys
  npm run release -- --version 1.4.0 --keys ~/go-agent-keys --out release
  go-server start --bundles release

Exit status: 0 done, 1 failed, 2 wrong usage.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const REPLACEABLE = ['root', 'targets', 'online'] as const;

export type ReleaseAction =
  | { readonly type: 'help' }
  | { readonly type: 'usage'; readonly problem: string }
  | { readonly type: 'init-keys'; readonly rootKeys: number; readonly threshold: number }
  | {
      readonly type: 'rotate';
      readonly replace: readonly (typeof REPLACEABLE)[number][];
      readonly addTo?: string;
    }
  | { readonly type: 'remove'; readonly version: string; readonly addTo: string }
  | { readonly type: 'renew'; readonly addTo: string }
  | {
      readonly type: 'release';
      /** Undefined: only plugins are added. */
      readonly version?: string;
      readonly folder: string;
      /** The folder must not have anything in it yet. */
      readonly isNew: boolean;
      readonly plugins?: string;
      readonly bundles?: string;
    };

export interface ReleaseCommand {
  readonly action: ReleaseAction;
  readonly keys: string;
  readonly json: boolean;
}

/** What the arguments ask for; `usage` if they ask for nothing that there is. */
export function readReleaseCommand(args: readonly string[]): ReleaseCommand {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        keys: text,
        version: text,
        out: text,
        'add-to': text,
        plugins: text,
        bundles: text,
        remove: text,
        replace: text,
        'root-keys': text,
        'root-threshold': text,
        'init-keys': flag,
        'rotate-root': flag,
        renew: flag,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
    const action = readAction(values);
    if (action.type !== 'help' && action.type !== 'usage' && values.keys === undefined)
      return { action: usage('--keys FOLDER is missing'), keys: '', json: false };
    return { action, keys: values.keys ?? '', json: values.json === true };
  } catch (error) {
    return { action: usage(error instanceof Error ? error.message : String(error)), keys: '', json: false };
  }
}

type Values = Readonly<Partial<Record<string, string | boolean>>>;

const wordOf = (values: Values, name: string) =>
  typeof values[name] === 'string' ? values[name] : undefined;

function readAction(values: Values): ReleaseAction {
  if (values['help'] === true) return { type: 'help' };
  if (values['init-keys'] === true) return readInit(values);
  if (values['rotate-root'] === true) return readRotation(values);
  const remove = wordOf(values, 'remove');
  if (remove === undefined && values['renew'] !== true) return readRelease(values);
  const addTo = wordOf(values, 'add-to');
  if (addTo === undefined) return usage('--add-to FOLDER is missing: the folder with the releases');
  return remove === undefined ? { type: 'renew', addTo } : { type: 'remove', version: remove, addTo };
}

function readInit(values: Values): ReleaseAction {
  const rootKeys = Number(wordOf(values, 'root-keys') ?? 3);
  const threshold = Number(wordOf(values, 'root-threshold') ?? 2);
  const fits = Number.isInteger(rootKeys) && Number.isInteger(threshold) && threshold >= 1;
  if (!fits || threshold > rootKeys) return usage('--root-threshold must be from 1 to --root-keys');
  return { type: 'init-keys', rootKeys, threshold };
}

function readRotation(values: Values): ReleaseAction {
  const words = (wordOf(values, 'replace') ?? 'root').split(',');
  const names = words.filter((name) => name !== 'none');
  const replace = REPLACEABLE.filter((name) => names.includes(name));
  if (replace.length !== names.length) return usage(`--replace takes ${REPLACEABLE.join(', ')}, or none`);
  const addTo = wordOf(values, 'add-to');
  return addTo === undefined ? { type: 'rotate', replace } : { type: 'rotate', replace, addTo };
}

function readRelease(values: Values): ReleaseAction {
  const [addTo, out, version] = ['add-to', 'out', 'version'].map((name) => wordOf(values, name));
  const [plugins, bundles] = ['plugins', 'bundles'].map((name) => wordOf(values, name));
  if (version === undefined && plugins === undefined) return usage('What is to be done?');
  const folder = addTo ?? out;
  if (folder === undefined || (addTo !== undefined && out !== undefined))
    return usage('Either --out FOLDER or --add-to FOLDER is needed');
  if (version === undefined && out !== undefined) return usage('--version X is missing');
  return {
    type: 'release',
    folder,
    isNew: out !== undefined,
    ...(version === undefined ? {} : { version }),
    ...(plugins === undefined ? {} : { plugins }),
    ...(bundles === undefined ? {} : { bundles }),
  };
}

function usage(problem: string): ReleaseAction {
  return { type: 'usage', problem };
}
