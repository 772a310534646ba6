import { readFile } from 'node:fs/promises';

/** Changes with each boot of the machine. Empty where the system has none: then nothing is known about reboots. */
export async function readBootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return '';
  }
}
