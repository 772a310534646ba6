import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import { asRealUser } from './real-user.ts';

const ENDING: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];

/** Signals exactly this process, if it still runs. One that is stopped is continued, or it would never get to know. */
export function sendSignal(process_: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(process_)) return;
  kill(process_.pid, signal);
  if (ENDING.includes(signal)) kill(process_.pid, 'SIGCONT');
}

/** Signals a whole process group. */
export function sendGroupSignal(pgrp: number, signal: NodeJS.Signals): void {
  if (pgrp > 1) kill(-pgrp, signal);
}

function kill(target: number, signal: NodeJS.Signals): void {
  try {
    // What a job's user has started may have become root, by sudo.
    asRealUser(() => process.kill(target, signal));
  } catch {
    // Gone in the meantime, or another user's: the next look at the tree tells.
  }
}
