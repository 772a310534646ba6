import { readFile, readlink } from 'node:fs/promises';
import { machineDigest } from './guid-binding.ts';

/** Where a process lives. Only of one in the same place can be told by its pid whether it is alive. */
export interface ProcessPlace {
  /** Differs after each start of the machine; null, as each of the others, where the system does not tell. */
  readonly bootId: string | null;
  /** Digest of the machine's own id. */
  readonly machine: string | null;
  /** Containers have their own pids. */
  readonly pidNamespace: string | null;
}

/** The place of this process. */
export async function processPlace(): Promise<ProcessPlace> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return {
    bootId: bootId.trim() || null,
    machine: await machineDigest(),
    pidNamespace: await readlink('/proc/self/ns/pid').catch(() => null),
  };
}

/**
 * What a place that was written down is to a process at `here`. `gone`: the machine was started anew since; `foreign`: another
 * machine or container, of whose processes nothing is known. What an older version did not write down is taken to be as here.
 */
export function comparePlace(there: Partial<ProcessPlace>, here: ProcessPlace): 'here' | 'gone' | 'foreign' {
  const differs = (name: keyof ProcessPlace) =>
    typeof there[name] === 'string' && here[name] !== null && there[name] !== here[name];
  if (differs('bootId'))
    return there.machine === undefined || (there.machine !== null && there.machine === here.machine)
      ? 'gone'
      : 'foreign';
  // One kernel, or two that both do not tell.
  const other = there.bootId && here.bootId ? differs('pidNamespace') : differs('machine');
  return other ? 'foreign' : 'here';
}
