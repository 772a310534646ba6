import { readdir, readFile } from 'node:fs/promises';

/**
 * Bytes of memory that the processes of a group have in use together; what several of them share counts for each by its part.
 * Undefined where the system does not tell (no /proc), or when there is no such process any more.
 */
export async function groupMemory(pgrp: number): Promise<number | undefined> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  let kilobytes: number | undefined;
  for (const pid of pids) {
    if ((await groupOf(pid)) !== pgrp) continue;
    const own = await memoryOf(pid);
    if (own !== undefined) kilobytes = (kilobytes ?? 0) + own;
  }
  return kilobytes === undefined ? undefined : kilobytes * 1024;
}

async function groupOf(pid: string): Promise<number | undefined> {
  const stat = await read(`/proc/${pid}/stat`);
  // After the name, which may have any character in it: state, parent, group.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')')).split(' ')[3]);
}

/** Not every kernel keeps account of parts, nor tells of those who became another user. */
async function memoryOf(pid: string): Promise<number | undefined> {
  const parts = /^Pss:\s+(\d+) kB$/m.exec((await read(`/proc/${pid}/smaps_rollup`)) ?? '');
  const whole = parts ?? /^VmRSS:\s+(\d+) kB$/m.exec((await read(`/proc/${pid}/status`)) ?? '');
  return whole === null ? undefined : Number(whole[1]);
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1');
  } catch {
    return undefined;
  }
}
