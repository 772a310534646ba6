import { readFileSync } from 'node:fs';

/** Bytes of memory that a process has in use; 0 if it is gone, or the system does not tell (no /proc). */
export function residentMemory(pid: number): number {
  try {
    const [, kilobytes = '0'] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}
