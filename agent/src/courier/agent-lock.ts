import { randomUUID } from 'node:crypto';
import { link, rename, rm } from 'node:fs/promises';
import {
  AppError,
  isAlive,
  type ProcessIdentity,
  processIdentity,
  readJsonFile,
  writeFileAtomic,
} from '@go-agent/runtime/core';
import { readBootId } from '../journal/boot-id.ts';

interface Owner extends ProcessIdentity {
  readonly bootId: string;
}

// A process may die at any step of a takeover, and leave its own lock on the right to take over. Its successor takes
// that one over in turn; nobody dies that often in one place.
const MAX_DEPTH = 8;

/**
 * A file that names the process that holds it. It ends with the process: whoever comes next takes it from a dead owner. Of several
 * that try at the same moment one gets it.
 * @throws AppError agent-locked if a living process holds it
 */
export async function acquireLock(path: string): Promise<AsyncDisposable> {
  const self = processIdentity(process.pid) ?? { pid: process.pid, startTime: null };
  const owner: Owner = { ...self, bootId: await readBootId() };
  const mine = `${path}.${randomUUID()}`;
  await writeFileAtomic(mine, JSON.stringify(owner), { mode: 0o600 });
  try {
    await acquire(path, mine, owner, 0);
  } finally {
    await rm(mine, { force: true });
  }
  // Nobody takes a lock from a living owner, so what is there now is this process's own.
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

async function acquire(path: string, mine: string, self: Owner, depth: number): Promise<void> {
  if (await tryLink(mine, path)) return;
  const owner = await readOwner(path);
  if (owner === undefined) {
    // Released just now: the lock is free for whoever is first.
    if (await tryLink(mine, path)) return;
    throw locked(path, 0);
  }
  if (!isGone(owner, self) || depth >= MAX_DEPTH) throw locked(path, owner.pid);
  // Only the holder of this second lock replaces a dead owner's, so a slow rival never removes a new owner's.
  const takeover = `${path}.takeover`;
  await acquire(takeover, mine, self, depth + 1);
  try {
    const now = await readOwner(path);
    if (now === undefined ? !(await tryLink(mine, path)) : !isGone(now, self))
      throw locked(path, now?.pid ?? 0);
    if (now !== undefined) await replaceWith(mine, path);
  } finally {
    await rm(takeover, { force: true });
  }
}

async function replaceWith(mine: string, path: string): Promise<void> {
  const copy = `${mine}.copy`;
  await link(mine, copy);
  await rename(copy, path);
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined if there is no lock. What is no lock of ours has an owner that is gone. */
async function readOwner(path: string): Promise<Owner | undefined> {
  const file = await readJsonFile(path, (parsed) => {
    const { pid, startTime = null, bootId } = parsed as Partial<Owner>;
    if (typeof pid !== 'number' || typeof bootId !== 'string') throw new TypeError('not a lock');
    return { pid, startTime, bootId };
  });
  if (file.kind === 'missing') return undefined;
  return file.kind === 'ok' ? file.value : { pid: 0, startTime: null, bootId: 'none' };
}

function isGone(owner: Owner, self: Owner): boolean {
  return owner.bootId !== self.bootId || !isAlive(owner);
}

function locked(path: string, pid: number): AppError {
  return new AppError(
    'agent-locked',
    `${path} is held by process ${pid}: one agent per home folder. Stop that one first`,
  );
}
