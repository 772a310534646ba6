import { readFileSync } from 'node:fs';

/** A process, told apart from a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the process's start; null where the system does not tell (no /proc). */
  readonly startTime: number | null;
}

/** One process as /proc/<pid>/stat shows it. */
export interface ProcessStat {
  readonly pid: number;
  /** One letter: R, S, D, T, Z, X ... */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  readonly startTime: number;
}

/** Reads the fields of a /proc/<pid>/stat line. The command (field 2) may hold spaces and parentheses. */
export function parseProcessStat(line: string): ProcessStat | null {
  const end = line.lastIndexOf(')');
  const pid = Number.parseInt(line, 10);
  // What follows the command starts with field 3.
  const fields = line.slice(end + 2).split(' ');
  const [state, ppid, pgrp, session] = fields;
  const startTime = Number(fields[22 - 3]);
  if (end < 0 || !state || !Number.isInteger(pid) || !Number.isInteger(startTime)) return null;
  return { pid, state, ppid: Number(ppid), pgrp: Number(pgrp), session: Number(session), startTime };
}

/** The process's state now, or null if there is no such process (or no /proc). */
export function readProcessStat(pid: number): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** The identity of a process that exists now; null if it does not, or is a zombie. */
export function processIdentity(pid: number): ProcessIdentity | null {
  const stat = readProcessStat(pid);
  if (stat) return isDead(stat) ? null : { pid, startTime: stat.startTime };
  return !hasProc() && exists(pid) ? { pid, startTime: null } : null;
}

/** True if exactly this process still runs. Without a start time (no /proc): if any process has the pid. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  if (startTime === null || !hasProc()) return exists(pid);
  const stat = readProcessStat(pid);
  return stat !== null && !isDead(stat) && stat.startTime === startTime;
}

/** A zombie has ended; it only waits for its parent to ask for its exit status. */
export function isDead(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

function hasProc(): boolean {
  return readProcessStat(process.pid) !== null;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
