import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addRelease,
  type BundleTarget,
  bundleTarget,
  makeKeys,
  readKeyFolder,
  removeRelease,
  renewRelease,
  rotateKeys,
} from '@go-agent/release';
import { ensureBuilt } from '../build.ts';
import type { ReleaseAction, ReleaseCommand } from './release-options.ts';

/** What was done, for `--json`, and in words. */
export interface ReleaseResult {
  readonly done: string;
  readonly root?: string;
  readonly folder?: string;
  readonly version?: string;
  readonly bundles?: readonly { readonly name: string; readonly version: string; readonly md5: string }[];
  readonly removed?: readonly string[];
}

type Doable = Exclude<ReleaseAction, { type: 'help' | 'usage' }>;

/**
 * @param now ms since the epoch
 * @throws AppError of @go-agent/release, with a remedy
 */
export async function runRelease(
  action: Doable,
  keys: ReleaseCommand['keys'],
  now: number,
): Promise<ReleaseResult> {
  switch (action.type) {
    case 'init-keys': {
      const { rootKeys, threshold } = action;
      const { root } = await makeKeys({ folder: keys, rootKeys, threshold, now });
      return {
        done: `Keys are in ${keys}. Keep root-*.json apart from each other, and off this machine`,
        root,
      };
    }
    case 'rotate': {
      const { root } = await rotateKeys({ folder: keys, replace: action.replace, now });
      const { addTo: folder } = action;
      if (folder !== undefined) await renewRelease({ folder, keys: await readKeyFolder(keys), now });
      const there =
        folder === undefined ? 'Add it to the releases by --renew --add-to FOLDER' : `It is in ${folder}`;
      return { done: `${root} is the newest root. ${there}`, root };
    }
    case 'remove': {
      const { addTo: folder, version } = action;
      const removed = await removeRelease({ folder, keys: await readKeyFolder(keys), now, version });
      return { done: `Release ${version} is off the list`, folder, version, removed };
    }
    case 'renew': {
      await renewRelease({ folder: action.addTo, keys: await readKeyFolder(keys), now });
      return { done: `The list in ${action.addTo} is signed again`, folder: action.addTo };
    }
    case 'release':
      return await release(action, keys, now);
    default:
      return action satisfies never;
  }
}

async function release(
  action: Extract<Doable, { type: 'release' }>,
  keys: string,
  now: number,
): Promise<ReleaseResult> {
  const { folder, version, plugins, isNew } = action;
  if (isNew && entriesOf(folder).length > 0)
    throw new Error(`${folder} is not empty. Remedy: name a new folder, or --add-to ${folder}`);
  const signer = await readKeyFolder(keys);
  const temporary = mkdtempSync(join(tmpdir(), 'go-agent-release-'));
  try {
    let added: readonly BundleTarget[] = [];
    const extra = plugins === undefined ? {} : { 'agent-plugins': plugins };
    if (version === undefined) {
      const { version: own } = await bundleTarget('agent-plugins', plugins ?? '');
      added = await addRelease({ folder, keys: signer, now, version: own, bundles: extra });
    } else {
      const from = action.bundles ?? (await build(version, keys, temporary, folder));
      const bundles = {
        agent: join(from, 'agent.zip'),
        'agent-launcher': join(from, 'agent-launcher.zip'),
        ...extra,
      };
      added = await addRelease({ folder, keys: signer, now, version, bundles });
    }
    const bundles = added.map(({ name, version, md5 }) => ({ name, version, md5 }));
    const listed = bundles.map(({ name, version, md5 }) => `  ${name} ${version} (${md5})`).join('\n');
    const done = `Signed, in ${folder}:\n${listed}`;
    return version === undefined ? { done, folder, bundles } : { done, folder, version, bundles };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The bootstrapper that carries this release, and the root, goes along: it is what is installed on new machines. */
async function build(version: string, keys: string, temporary: string, folder: string): Promise<string> {
  const { bundles, dist } = await ensureBuilt({ version, keys, dist: temporary });
  cpSync(join(dist, 'go-agent'), join(folder, 'go-agent'), { recursive: true });
  return bundles;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
