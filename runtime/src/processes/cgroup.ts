import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { isAlive, type ProcessIdentity, processIdentity } from '../process-identity.ts';
import { asRealUser } from './real-user.ts';

const KEPT = 'go-agent.kept';

/** One control group, by its folder. All calls but `removeCgroup` take a group that is gone for an empty one. */
export function cgroupPids(folder: string): number[] {
  const own = read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  return [...own, ...subgroups(folder).flatMap(cgroupPids)];
}

/** True while a process that has not ended is in the group or below it. */
export function isPopulated(folder: string): boolean {
  return /^populated 1$/m.test(read(join(folder, 'cgroup.events')));
}

/** SIGKILL to everything in the group and below, in one step that no fork escapes. False if the kernel cannot (before 5.14). */
export function killCgroup(folder: string): boolean {
  return write(join(folder, 'cgroup.kill'), '1');
}

/** Moves this process. */
export function enterCgroup(folder: string): boolean {
  return write(join(folder, 'cgroup.procs'), '0');
}

/** @param scope see {@link removeStaleCgroups} */
export function createCgroup(parent: string, scope: string): string | null {
  const folder = join(parent, ownedName(scope));
  try {
    asRealUser(() => mkdirSync(folder));
    return folder;
  } catch {
    return null;
  }
}

/** Removes an empty group and the empty groups below it. False if something still runs there. */
export function removeCgroup(folder: string): boolean {
  for (const group of subgroups(folder)) removeCgroup(group);
  try {
    asRealUser(() => rmdirSync(folder));
    return true;
  } catch {
    return !existsSync(folder);
  }
}

/**
 * What runs in the group is not left behind: it stays when its owner has ended. An empty group below says so, since a group cannot be
 * renamed, and processes that are moved one by one may fork meanwhile.
 */
export function keepCgroup(folder: string): void {
  try {
    asRealUser(() => mkdirSync(join(folder, KEPT)));
  } catch {
    // It has gone, or is marked.
  }
}

/**
 * Removes the groups under `parent` whose owner died without doing so, and ends what runs there; but those that are kept, and those of
 * another scope, only once they are empty.
 */
export function removeStaleCgroups(parent: string, scope: string): void {
  for (const folder of subgroups(parent)) {
    const owner = ownerOf(basename(folder));
    if (!owner || isAlive(owner)) continue;
    const mayEnd = owner.scope === nameOf(scope) && !existsSync(join(folder, KEPT));
    if (mayEnd) killCgroup(folder);
    if (mayEnd || !isPopulated(folder)) removeCgroup(folder);
  }
}

/** True for a group that this very process has made. */
export function isOwnedBySelf(folder: string): boolean {
  const owner = ownerOf(basename(folder));
  return owner?.pid === process.pid && isAlive(owner);
}

// The name says who owns the group. The pid namespace is part of it: a pid of another one says nothing here.
function ownedName(scope: string): string {
  const self = processIdentity(process.pid);
  const owner = `${pidNamespace()}.${process.pid}.${self?.startTime ?? 0}`;
  return `go-agent.${owner}.${nameOf(scope)}.${randomBytes(6).toString('hex')}`;
}

function ownerOf(name: string): (ProcessIdentity & { readonly scope: string }) | null {
  const [, namespace, pid, startTime, scope = ''] =
    /^go-agent\.(\w+)\.(\d+)\.(\d+)\.([0-9a-f]+)\.[0-9a-f]+$/.exec(name) ?? [];
  if (namespace !== pidNamespace()) return null;
  return { pid: Number(pid), startTime: Number(startTime), scope };
}

function nameOf(scope: string): string {
  return createHash('sha256').update(scope).digest('hex').slice(0, 12);
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
  } catch {
    return '0';
  }
}

function subgroups(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function write(path: string, text: string): boolean {
  try {
    asRealUser(() => writeFileSync(path, text, { flag: 'r+' }));
    return true;
  } catch {
    return false;
  }
}
