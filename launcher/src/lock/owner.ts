import { readFile } from 'node:fs/promises';
import { isAlive, type ProcessIdentity, processIdentity } from '@go-agent/runtime/core';

/** Who holds a lock: a process, told apart from a later one with the same pid, also across a restart of the machine. */
export interface Owner extends ProcessIdentity {
  readonly bootId: string | null;
}

export async function thisProcess(): Promise<Owner> {
  const identity = processIdentity(process.pid) ?? { pid: process.pid, startTime: null };
  return { ...identity, bootId: await readBootId() };
}

/** The owner that a lock's file names; undefined if there is no such file, or it is damaged. */
export async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const {
      pid,
      startTime = null,
      bootId = null,
    } = JSON.parse(await readFile(path, 'utf8')) as Partial<Owner>;
    return typeof pid === 'number' ? { pid, startTime, bootId } : undefined;
  } catch {
    return undefined;
  }
}

export async function isOwnerAlive(owner: Owner): Promise<boolean> {
  return (owner.bootId === null || owner.bootId === (await readBootId())) && isAlive(owner);
}

export function isSameProcess(a: Owner, b: Owner): boolean {
  return a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId;
}

/** Differs after each start of the machine; null where the system does not tell. */
async function readBootId(): Promise<string | null> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return null;
  }
}
