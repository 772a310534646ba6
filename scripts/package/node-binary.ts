import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from 'tar';
import { hostTarget, NODE_VERSION, type Target } from './targets.ts';

export type NodeBinary =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Node's binary for a target: this process's own for this machine, else from the npm registry, kept for next time.
 * @param cache folder that outlives the build
 */
export function nodeBinary(target: Target, cache: string): NodeBinary {
  if (target.name === hostTarget()?.name && process.versions.node === NODE_VERSION) {
    return { ok: true, file: process.execPath };
  }
  const file = join(cache, `node-${NODE_VERSION}-${target.name}`);
  if (existsSync(file)) return { ok: true, file };
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, '.download-'));
  try {
    return download(target, folder, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function download(target: Target, folder: string, file: string): NodeBinary {
  const wanted = `${target.npmPackage}@${NODE_VERSION}`;
  const packed = run('npm', ['pack', wanted, '--pack-destination', folder, '--loglevel=error'], folder);
  if (!packed.ok) return { ok: false, reason: `npm has no ${wanted}: ${packed.reason}` };
  const archive = join(folder, `${target.npmPackage}-${NODE_VERSION}.tgz`);
  const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (digest !== target.integrity) {
    return { ok: false, reason: `${wanted} from npm has the digest ${digest}, not ${target.integrity}` };
  }
  const member = `package/${target.binary}`;
  extract({ sync: true, strict: true, file: archive, cwd: folder }, [member]);
  if (!existsSync(join(folder, member))) return { ok: false, reason: `${wanted} has no ${member}` };
  renameSync(join(folder, member), file);
  return { ok: true, file };
}

function run(command: string, args: readonly string[], cwd: string) {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (done.status === 0) return { ok: true } as const;
  const reason = done.error?.message ?? (done.stderr.trim().split('\n').at(-1) || `exit code ${done.status}`);
  return { ok: false, reason } as const;
}
