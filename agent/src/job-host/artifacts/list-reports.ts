import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ReportFile } from '../../test-reports/summarise-reports.ts';
import { isTemporary } from './temporary-beside.ts';

/**
 * Files as they are, whatever their names, and of folders the XML files in them; links are followed. Each file is listed once and each
 * folder visited once, however many ways lead there: of packages that link to one another, the ways are as many as two to the
 * power of the packages.
 * @param matches absolute paths
 * @throws the reason of `signal`
 */
export async function listReports(matches: readonly string[], signal: AbortSignal): Promise<ReportFile[]> {
  const walk = new Walk(signal);
  for (const match of matches) await walk.visit(match, true);
  return walk.reports;
}

class Walk {
  readonly reports: ReportFile[] = [];
  readonly #signal: AbortSignal;
  /** Real paths. */
  readonly #seen = new Set<string>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  async visit(path: string, isMatch = false): Promise<void> {
    this.#signal.throwIfAborted();
    const stats = await stat(path).catch(() => undefined);
    const isFolder = stats?.isDirectory() ?? false;
    const isXml = stats?.isFile() === true && path.endsWith('.xml');
    if (!isFolder && !isMatch && !isXml) return;
    const place = await realpath(path).catch(() => path);
    if (this.#seen.has(place)) return;
    this.#seen.add(place);
    const names = isFolder ? await readdir(path).catch(() => undefined) : undefined;
    // What cannot be read is named by who reads it.
    if (names === undefined) this.reports.push({ path, name: basename(path) });
    for (const name of (names ?? []).toSorted()) if (!isTemporary(name)) await this.visit(join(path, name));
  }
}
