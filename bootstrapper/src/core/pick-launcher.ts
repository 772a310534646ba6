import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleManifest, FailedLauncher } from '@go-agent/protocol/launch-contract';
import { BundleName, LAUNCH_CONTRACT } from '@go-agent/protocol/launch-numbers';
import AdmZip from 'adm-zip';

/** A launcher that may run: checked, in memory, not unpacked yet. */
export interface Launcher extends Pick<BundleManifest, 'version' | 'entry'> {
  readonly md5: string;
  readonly source: 'downloaded' | 'carried';
  readonly files: Map<string, Uint8Array>;
  /** No agent of its has proved itself yet, and there is another launcher to go back to. */
  readonly onTrial: boolean;
  /** Why better candidates were not taken. */
  readonly passedOver: readonly string[];
}

/** How often in a row a launcher has failed. One on trial is given up when it has failed too often. */
export type LauncherFailure = Omit<FailedLauncher, 'md5'> & { readonly count: number };
export const TOO_OFTEN = 3;

const md5Of = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

/** The part of `data/state.json` that the bootstrapper reads. It never writes that file. */
type LauncherState = Partial<Record<'current' | 'lastGood' | 'carriedMd5', unknown>>;

/**
 * MD5s of the launchers worth trying, best first. The carried one is the last; but if it is another one than when the
 * state was written, the bootstrapper was upgraded by hand, and what it brings counts.
 */
export function launcherCandidates(state: LauncherState, carried: string): string[] {
  const known = [state.current, state.lastGood].map(String).filter((md5) => /^[0-9a-f]{32}$/.test(md5));
  return [...new Set(state.carriedMd5 === carried ? [...known, carried] : [carried, ...known])];
}

/** @throws if there is none that can be used */
export async function pickLauncher(
  home: string,
  carried: string,
  failures: ReadonlyMap<string, LauncherFailure>,
): Promise<Launcher> {
  // An unreadable state is an empty one: the launcher that then runs writes it anew.
  const text = readFile(join(home, 'data', 'state.json'), 'utf8');
  const read = text.then((json) => (JSON.parse(json) as { launcher?: LauncherState }).launcher);
  const state = (await read.catch(() => undefined)) ?? {};
  const carriedMd5 = await readFile(carried).then(md5Of, () => String(state.carriedMd5));
  const candidates = launcherCandidates(state, carriedMd5);
  const passedOver: string[] = [];
  for (const [at, md5] of candidates.entries()) {
    const source = md5 === carriedMd5 ? 'carried' : 'downloaded';
    const file = source === 'carried' ? carried : join(home, 'data', 'launcher', `${md5}.zip`);
    const onTrial = md5 !== state.lastGood && at + 1 < candidates.length;
    try {
      const { count = 0, reason = '' } = failures.get(md5) ?? {};
      if (onTrial && count >= TOO_OFTEN) throw new Error(`it failed: ${reason}`);
      return { md5, source, onTrial, passedOver, ...unzip(await readFile(file), md5) };
    } catch (error) {
      passedOver.push(`Launcher ${file} is passed over: ${(error as Error).message}`);
    }
  }
  throw new Error(passedOver.join('; '));
}

/** What was downloaded was checked when it was put there (bundle-check.ts); here it is only seen to be whole. */
function unzip(zip: Buffer, md5: string): Pick<Launcher, 'version' | 'entry' | 'files'> {
  if (md5Of(zip) !== md5) throw new Error('its MD5 is not that of its name');
  const entries = new AdmZip(zip).getEntries().filter((entry) => !entry.isDirectory);
  const files = new Map(entries.map((entry) => [entry.entryName, entry.getData()]));
  const manifest = JSON.parse(String(files.get('manifest.json'))) as BundleManifest;
  const { name, version, entry, contract } = manifest;
  if (name !== BundleName.launcher || !files.has(entry)) throw new Error('it is no bundle of a launcher');
  if (!(contract <= LAUNCH_CONTRACT)) throw new Error(`it needs launch contract ${contract}`);
  const outside = [...files.keys()].find((path) => /^\/|\\|:|(^|\/)\.{0,2}(\/|$)/.test(path));
  if (outside !== undefined) throw new Error(`its entry "${outside}" would leave the folder`);
  return { version, entry, files };
}
