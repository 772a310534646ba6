import { readFile } from 'node:fs/promises';
import {
  comparePlace,
  isAlive,
  type ProcessIdentity,
  type ProcessPlace,
  processIdentity,
  processPlace,
} from '@go-agent/runtime/core';

/** Who holds a lock: a process, told apart from a later one with the same pid, also across a restart of the machine. */
export type Owner = ProcessIdentity & Partial<ProcessPlace>;

export async function thisProcess(): Promise<Owner> {
  const identity = processIdentity(process.pid) ?? { pid: process.pid, startTime: null };
  return { ...identity, ...(await processPlace()) };
}

/** The owner that a lock's file names; undefined if there is no such file, or it is damaged. */
export async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>;
    const { pid, startTime = null } = owner;
    return typeof pid === 'number' ? { ...owner, pid, startTime } : undefined;
  } catch {
    return undefined;
  }
}

/** `foreign`: in another container or on another machine, so that its pid says nothing here. */
export async function lookAtOwner(owner: Owner): Promise<'alive' | 'dead' | 'foreign'> {
  const place = comparePlace(owner, await processPlace());
  if (place === 'foreign') return 'foreign';
  return place === 'here' && isAlive(owner) ? 'alive' : 'dead';
}

export function isSameProcess(a: Owner, b: Owner): boolean {
  return (
    a.pid === b.pid &&
    a.startTime === b.startTime &&
    a.bootId === b.bootId &&
    (a.pidNamespace === undefined || a.pidNamespace === b.pidNamespace)
  );
}
