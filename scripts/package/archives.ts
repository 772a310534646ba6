// What users download: an archive with the executable and its page, for each target.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import AdmZip from 'adm-zip';
import { create } from 'tar';
import type { Target } from './targets.ts';

const installPage = join(import.meta.dirname, '..', '..', 'docs', 'install.md');

/** `go-agent-<version>-<target>.tar.gz`, or `.zip` for Windows. Same content, same bytes. */
export function makeArchive(target: Target, executable: string, version: string, folder: string): string {
  const name = `go-agent-${version}-${target.name}`;
  mkdirSync(folder, { recursive: true });
  return target.name === 'win-x64'
    ? makeZip(name, executable, join(folder, `${name}.zip`))
    : makeTarball(name, executable, join(folder, `${name}.tar.gz`));
}

function makeZip(name: string, executable: string, file: string): string {
  const zip = new AdmZip();
  for (const [path, source] of [
    [`${name}/${basename(executable)}`, executable],
    [`${name}/install.md`, installPage],
  ] as const) {
    zip.addFile(path, readFileSync(source), '', 0o644).header.time = new Date(1980, 0, 1);
  }
  zip.writeZip(file);
  return file;
}

function makeTarball(name: string, executable: string, file: string): string {
  const staging = mkdtempSync(join(dirname(file), '.archive-'));
  try {
    mkdirSync(join(staging, name));
    copyFileSync(executable, join(staging, name, basename(executable)));
    copyFileSync(installPage, join(staging, name, 'install.md'));
    const temporary = join(staging, 'archive.tar.gz');
    const members = [name, `${name}/${basename(executable)}`, `${name}/install.md`];
    create({ ...reproducible, sync: true, gzip: { level: 6 }, file: temporary, cwd: staging }, members);
    renameSync(temporary, file);
    return file;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Nothing of the machine or the moment: no owner, no umask, one time; members in the order in which they are named. */
const reproducible = { portable: true, noDirRecurse: true, mtime: new Date(Date.UTC(1980)) };

/** @throws Error with what the tool said */
export function runTool(command: string, args: readonly string[], env = process.env): void {
  const done = spawnSync(command, args, { encoding: 'utf8', env });
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${done.error?.message ?? done.stderr.trim()}`);
  }
}
