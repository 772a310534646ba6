import { readFileSync, writeFileSync } from 'node:fs';

const FILTER = '/proc/self/coredump_filter';

/** What a core file of this process would hold if it were not for {@link keepMemoryOutOfCoreDumps}. */
let inherited: string | undefined;

/**
 * From now on a core file of this process holds none of its memory: secrets are in there. A limit on core files would not do, since
 * the kernel ignores it where a program receives them (core(5), `core_pattern`). Does nothing on other systems than Linux.
 */
export function keepMemoryOutOfCoreDumps(): void {
  if (inherited !== undefined) return;
  try {
    const before = `0x${readFileSync(FILTER, 'utf8').trim()}`;
    writeFileSync(FILTER, '0x0');
    inherited = before;
  } catch {
    // No such file, or /proc is read-only: the system's own settings apply.
  }
}

/** Starts a child whose core files are as if this process had its own in full: the filter is handed down at the fork. */
export function withFullCoreDump<T>(fork: () => T): T {
  if (inherited === undefined) return fork();
  setFilter(inherited);
  try {
    return fork();
  } finally {
    setFilter('0x0');
  }
}

function setFilter(value: string): void {
  try {
    writeFileSync(FILTER, value);
  } catch {
    // As it was.
  }
}
