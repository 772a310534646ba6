import { rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCHER_LOCK } from '@go-agent/protocol/launch-contract';
import { AppError, type Clock, toError, writeFileAtomic } from '@go-agent/runtime/core';
import lockfile from 'proper-lockfile';
import { ForeignLock } from './foreign-lock.ts';
import { isSameProcess, lookAtOwner, readOwner, thisProcess } from './owner.ts';
import { withGuard } from './with-guard.ts';

interface HomeLock extends AsyncDisposable {
  /** Aborted if somebody takes or removes the lock while it is held. */
  readonly lost: AbortSignal;
}

export type LockResult =
  | { readonly type: 'locked'; readonly lock: HomeLock }
  /** By a living process, so that trying again is of no use. */
  | { readonly type: 'held'; readonly message: string };

const UPDATE_MS = 10_000;
/** A living holder renews its lock every {@link UPDATE_MS}. */
const SILENT_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
/** The Java launcher renews its lock file every 5 min, and takes one of 10 min for left over (agent-behaviour 3.1). */
const JAVA_SILENT_MS = 600_000;

interface LockOptions {
  readonly updateMs?: number;
  /** Aborted: waits no longer for what another one does. */
  readonly signal?: AbortSignal;
}

interface Attempt {
  readonly home: string;
  readonly clock: Clock;
  readonly updateMs: number;
  readonly foreign: ForeignLock;
}

type Holder =
  | Extract<LockResult, { readonly type: 'held' }>
  /** Time will tell whether it lives. */
  | { readonly type: 'unknown'; readonly message: string };

/** Homes that this thread holds. What a crashed launcher of the same process left is not among them. */
const held = new Set<string>();

/**
 * Takes the home folder's lock, from a dead owner at once. The decision is made by who owns it, not by its age, unless
 * the owner is in another container or on another machine: that one holds it as long as it renews it. Of several that
 * try at the same moment exactly one gets it.
 * @throws AppError launcher-home-unusable, launcher-lock-busy
 */
export async function lockHome(
  home: string,
  clock: Clock,
  { updateMs = UPDATE_MS, signal = new AbortController().signal }: LockOptions = {},
): Promise<LockResult> {
  const attempt: Attempt = { home, clock, updateMs, foreign: new ForeignLock(clock, SILENT_MS) };
  try {
    for (;;) {
      const result = await withGuard(join(home, '.agent-bootstrapper.guard'), clock, () => take(attempt));
      if (result.type !== 'unknown') return result;
      if (!(await clock.sleep(LOOK_EVERY_MS, signal))) return { ...result, type: 'held' };
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'launcher-home-unusable',
      `The home folder ${home} cannot be locked. Remedy: it must be writable, with space left, on a local file system`,
      { retryable: true, cause: error },
    );
  }
}

async function take(attempt: Attempt): Promise<LockResult | Holder> {
  const { home, updateMs } = attempt;
  const path = join(home, LAUNCHER_LOCK);
  const ownerFile = join(home, '.agent-bootstrapper.owner');
  const holder = await whoHolds(attempt, path, ownerFile);
  if (holder !== undefined) return holder;
  // Before the lock, so that there is no moment at which a lock has no owner.
  await writeFileAtomic(ownerFile, `${JSON.stringify(await thisProcess())}\n`);
  const lost = new AbortController();
  const release = await lockfile.lock(home, {
    lockfilePath: path,
    realpath: false,
    // Never by age: a holder that was suspended, or whose clock was set, is still the holder.
    stale: Number.POSITIVE_INFINITY,
    update: updateMs,
    onCompromised: (error) => lost.abort(toError(error)),
  });
  held.add(home);
  const dispose = async () => {
    held.delete(home);
    // The owner's file stays: without the lock it means nothing, and a successor's must not be removed.
    if (!lost.signal.aborted) await release();
  };
  return { type: 'locked', lock: { lost: lost.signal, [Symbol.asyncDispose]: dispose } };
}

/** Why the lock cannot be had; undefined once it is free, also because what a dead owner left is removed. */
async function whoHolds(attempt: Attempt, path: string, ownerFile: string): Promise<Holder | undefined> {
  const { home, clock, foreign } = attempt;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const silentMs = clock.now() - found.mtimeMs;
  if (!found.isDirectory()) {
    if (silentMs < JAVA_SILENT_MS) {
      return isHeld(
        `A Java GoCD agent runs in ${home}, or did until ${Math.round(silentMs / 1000)} s ago. Remedy: stop it and remove ${path}, or give this agent another --home.`,
      );
    }
    await rm(path, { force: true });
    return undefined;
  }
  const owner = await readOwner(ownerFile);
  if (owner === undefined) {
    if (silentMs < SILENT_MS) {
      throw new AppError(
        'launcher-lock-busy',
        `${path} is there, but ${ownerFile} does not say whose it is; it is taken over once it is ${SILENT_MS / 1000} s old`,
        { retryable: true },
      );
    }
  } else if (isSameProcess(owner, await thisProcess())) {
    if (held.has(home))
      return isHeld(`This very process (pid ${owner.pid}) runs a launcher in ${home} already.`);
  } else {
    const owns = await lookAtOwner(owner);
    if (owns === 'alive')
      return isHeld(
        `Another go-agent (pid ${owner.pid}) runs in ${home}. Remedy: stop it with "go-agent stop --home ${home}", or give this agent another --home.`,
      );
    const look = owns === 'dead' ? 'silent' : foreign.look(found.mtimeMs);
    const message = `Another go-agent runs in ${home}, in another container or on another machine (its pid there is ${owner.pid}). Remedy: stop it, or give each of them its own --home.`;
    if (look !== 'silent') return look === 'renewed' ? isHeld(message) : { type: 'unknown', message };
  }
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return undefined;
}

function isHeld(message: string): Holder {
  return { type: 'held', message };
}
