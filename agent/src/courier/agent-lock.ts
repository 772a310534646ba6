import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import {
  AppError,
  type Clock,
  comparePlace,
  isAlive,
  type ProcessIdentity,
  type ProcessPlace,
  processIdentity,
  processPlace,
  readJsonFile,
  writeFileAtomic,
} from '@go-agent/runtime/core';

type Owner = ProcessIdentity & Partial<ProcessPlace>;

interface Attempt {
  /** A file that names this process, linked to where a lock is taken. */
  readonly mine: string;
  readonly here: ProcessPlace;
  readonly clock: Clock;
}

interface Found {
  readonly owner: Owner;
  /** How long ago it was renewed, in milliseconds; negative if the clocks differ. */
  readonly silentMs: number;
}

const RENEW_MS = 10_000;
/** Of an owner in another container or on another machine: it renews its lock every {@link RENEW_MS} while it lives. */
const SILENT_MS = 30_000;

// A process may die at any step of a takeover, and leave its own lock on the right to take over. Its successor takes
// that one over in turn; nobody dies that often in one place.
const MAX_DEPTH = 8;

/**
 * A file that names the process that holds it. It ends with the process: whoever comes next takes it from a dead owner, and from
 * one that cannot be looked at once it has not renewed it for 30 s. Of several that try at the same moment one gets it.
 * @throws AppError agent-locked if a living process holds it
 */
export async function acquireLock(path: string, clock: Clock): Promise<AsyncDisposable> {
  const self = processIdentity(process.pid) ?? { pid: process.pid, startTime: null };
  const here = await processPlace();
  const owner: Owner = { ...self, ...here };
  const mine = `${path}.${randomUUID()}`;
  await writeFileAtomic(mine, JSON.stringify(owner), { mode: 0o600 });
  await using resources = new AsyncDisposableStack();
  // Of the file, not of the name, which another one may have taken while this process was suspended.
  const file = resources.use(await open(mine, 'r'));
  try {
    await acquire(path, { mine, here, clock }, 0);
  } finally {
    await rm(mine, { force: true });
  }
  const over = new AbortController();
  const renewing = renew(file, clock, over.signal);
  resources.defer(async () => {
    over.abort();
    await renewing;
    if (await isSame(file, path)) await rm(path, { force: true });
  });
  return resources.move();
}

async function renew(file: FileHandle, clock: Clock, signal: AbortSignal): Promise<void> {
  while (await clock.sleep(RENEW_MS, signal)) {
    const now = clock.now() / 1000;
    // A disk that takes nothing must not end an agent that works.
    await file.utimes(now, now).catch(() => undefined);
  }
}

async function isSame(file: FileHandle, path: string): Promise<boolean> {
  const [mine, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return mine.ino === there?.ino;
}

async function acquire(path: string, attempt: Attempt, depth: number): Promise<void> {
  const { mine } = attempt;
  if (await tryLink(mine, path)) return;
  const found = await readLock(path, attempt);
  if (found === undefined) {
    // Released just now: the lock is free for whoever is first.
    if (await tryLink(mine, path)) return;
    throw locked(path, 0);
  }
  if (!isGone(found, attempt) || depth >= MAX_DEPTH) throw locked(path, found.owner.pid);
  // Only the holder of this second lock replaces a dead owner's, so a slow rival never removes a new owner's.
  const takeover = `${path}.takeover`;
  await acquire(takeover, attempt, depth + 1);
  try {
    const now = await readLock(path, attempt);
    if (now === undefined ? !(await tryLink(mine, path)) : !isGone(now, attempt))
      throw locked(path, now?.owner.pid ?? 0);
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
async function readLock(path: string, { clock }: Attempt): Promise<Found | undefined> {
  const found = await stat(path).catch(() => undefined);
  const silentMs = clock.now() - (found?.mtimeMs ?? 0);
  const file = await readJsonFile(path, (parsed) => {
    const { pid, startTime = null, ...place } = parsed as Partial<Owner>;
    if (typeof pid !== 'number') throw new TypeError('not a lock');
    return { ...place, pid, startTime };
  });
  if (file.kind === 'missing') return undefined;
  return { owner: file.kind === 'ok' ? file.value : { pid: 0, startTime: null, bootId: 'none' }, silentMs };
}

function isGone({ owner, silentMs }: Found, { here }: Attempt): boolean {
  const place = comparePlace(owner, here);
  // A lock from the future has been left before a clock was set, and would otherwise be held until then.
  if (place === 'foreign') return Math.abs(silentMs) >= SILENT_MS;
  return place === 'gone' || !isAlive(owner);
}

function locked(path: string, pid: number): AppError {
  return new AppError(
    'agent-locked',
    `${path} is held by process ${pid}: one agent per home folder. Stop that one first`,
  );
}
