import { closeSync, openSync, readlinkSync, readSync } from 'node:fs';
import { droppableMappings } from './droppable-mappings.ts';

const MADV_DONTNEED = 4;
/** A program that is loaded at a fixed address, as Node is, comes first. */
const FIRST_BYTES = 16_384;

/**
 * Gives to the system what a process holds without need: what its allocator keeps of freed memory, and the pages of its own program,
 * which come back by themselves, from the page cache, when they are used. Of the whole process, whichever thread calls it. Linux with
 * glibc, and a Node with `node:ffi`.
 * @returns why it could not be done; undefined if it was
 */
export function freePages(): string | undefined {
  try {
    const { dlopen } = quietly(() => process.getBuiltinModule('node:ffi'));
    using native = dlopen(null, {
      malloc_trim: { arguments: ['u64'], return: 'i32' },
      madvise: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
    });
    native.functions.malloc_trim(0n);
    const executable = readlinkSync('/proc/self/exe');
    for (const { start, end } of droppableMappings(readSmaps(), executable))
      native.functions.madvise(start, end - start, MADV_DONTNEED);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** No more than needed: what is read becomes garbage, and nothing collects that for a while. */
function readSmaps(): string {
  const file = openSync('/proc/self/smaps', 'r');
  try {
    const buffer = Buffer.alloc(FIRST_BYTES);
    let length = 0;
    for (let read = 1; read > 0 && length < FIRST_BYTES; length += read)
      read = readSync(file, buffer, length, FIRST_BYTES - length, null);
    return buffer.toString('latin1', 0, length);
  } finally {
    closeSync(file);
  }
}

/** That Node calls a module experimental is nothing that an operator could do something about. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
