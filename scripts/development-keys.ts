// Keys that sign what is built here, for here: made once, with no ceremony.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeKeys } from '@go-agent/release';

/** Makes the folder of keys unless it is there. Several may call it at once: all get the same keys. */
export async function ensureDevelopmentKeys(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const made = join(dirname(folder), `.keys-${randomUUID()}`);
  try {
    await makeKeys({ folder: made, rootKeys: 1, now: Date.now() });
    renameSync(made, folder);
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
