import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkBundle } from '@go-agent/protocol/bundle-check';
import { type BundleManifest, BundleName } from '@go-agent/protocol/launch-contract';
import AdmZip from 'adm-zip';

/** A launcher that may run: checked, in memory, not unpacked yet. */
export interface Launcher {
  readonly md5: string;
  readonly source: 'downloaded' | 'carried';
  readonly manifest: BundleManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Why better candidates were not taken. */
  readonly passedOver: readonly string[];
}

/** The part of `data/state.json` that the bootstrapper reads. It never writes that file. */
interface LauncherState {
  readonly current?: unknown;
  readonly lastGood?: unknown;
  readonly carriedMd5?: unknown;
}

/**
 * MD5s of the downloaded launchers worth trying, best first, before the carried one. None if the bootstrapper carries
 * another launcher than when the state was written: it was upgraded by hand, and what it brings counts.
 */
export function downloadedCandidates(state: LauncherState, carriedMd5: string): string[] {
  if (state.carriedMd5 !== carriedMd5) return [];
  const candidates = [state.current, state.lastGood].filter(isMd5);
  const own = candidates.indexOf(carriedMd5);
  return [...new Set(own === -1 ? candidates : candidates.slice(0, own))];
}

function isMd5(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}

/** @throws if not even the carried launcher can be used. */
export async function pickLauncher(home: string, carried: string): Promise<Launcher> {
  const carriedZip = await readFile(carried);
  const carriedMd5 = md5Of(carriedZip);
  const passedOver: string[] = [];
  for (const md5 of downloadedCandidates(await readState(home), carriedMd5)) {
    const file = join(home, 'data', 'launcher', `${md5}.zip`);
    try {
      const zip = await readFile(file);
      if (md5Of(zip) !== md5) throw new Error('its MD5 is not that of its name');
      return { md5, source: 'downloaded', passedOver, ...check(zip) };
    } catch (error) {
      passedOver.push(
        `Launcher ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { md5: carriedMd5, source: 'carried', passedOver, ...check(carriedZip) };
}

function check(zip: Buffer): Pick<Launcher, 'manifest' | 'files'> {
  const bundle = checkBundle(BundleName.launcher, new AdmZip(zip).getEntries());
  if (!bundle.ok) throw new Error(bundle.reason);
  return bundle;
}

/** An unreadable state is an empty one: the launcher that then runs writes it anew. */
async function readState(home: string): Promise<LauncherState> {
  try {
    const state = JSON.parse(await readFile(join(home, 'data', 'state.json'), 'utf8')) as {
      launcher?: LauncherState;
    };
    return state.launcher ?? {};
  } catch {
    return {};
  }
}

function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
