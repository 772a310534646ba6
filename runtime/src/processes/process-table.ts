import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { isDead, readProcessStat } from '../process-identity.ts';
import { asRealUser } from './real-user.ts';

/** One running process (no zombie) as the system shows it. */
export interface TableEntry {
  readonly pid: number;
  readonly ppid: number;
  readonly pgrp: number;
  /** Null where the system does not tell. */
  readonly session: number | null;
  readonly startTime: number | null;
  /** Whether its environment, as it was when it was executed, has this text. False if it may not be read. */
  readonly environmentHas: (text: string) => boolean;
}

/** All processes of the system. */
export function readProcessTable(): Promise<readonly TableEntry[]> {
  return process.platform === 'linux' ? Promise.resolve(readProc()) : readPs();
}

function readProc(): TableEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readProcessStat(Number(name)) : null;
    if (!stat || isDead(stat)) return [];
    const { pid, ppid, pgrp, session, startTime } = stat;
    return [
      { pid, ppid, pgrp, session, startTime, environmentHas: (text) => readEnvironment(pid).includes(text) },
    ];
  });
}

function readEnvironment(pid: number): string {
  try {
    return asRealUser(() => readFileSync(`/proc/${pid}/environ`, 'latin1'));
  } catch {
    return '';
  }
}

/** macOS and the BSDs. With -E, ps shows the environment of the user's own processes after the command. */
async function readPs(): Promise<TableEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axEww', '-o', 'pid=,ppid=,pgid=,stat=,command='], {
    maxBuffer: 64 << 20,
    encoding: 'latin1',
  });
  return parsePs(stdout);
}

/** Lines of pid, parent, process group, state, and command with environment. */
export function parsePs(output: string): TableEntry[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, ppid, pgrp, state, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s?(.*)$/.exec(line) ?? [];
    if (command === undefined || state?.startsWith('Z')) return [];
    return [
      {
        pid: Number(pid),
        ppid: Number(ppid),
        pgrp: Number(pgrp),
        session: null,
        startTime: null,
        environmentHas: (text: string) => command.includes(text),
      },
    ];
  });
}
