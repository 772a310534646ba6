import { readFile } from 'node:fs/promises';

const PAGE_BYTES = 4096;

/** Bytes of memory that a process has in use; undefined where the system does not tell, or the process is gone. */
export async function residentMemory(pid: number): Promise<number | undefined> {
  try {
    const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    return Number(pages) * PAGE_BYTES;
  } catch {
    return undefined;
  }
}
