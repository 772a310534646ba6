import { randomUUID } from 'node:crypto';
import { adoptContainer, type Clock, type ProcessIdentity } from '@go-agent/runtime/core';
import { JournalWriter } from '../../journal/journal-writer.ts';

/**
 * Ends a host that does not begin its job, with all that it has started. First the job is taken away from it: a host that begins at
 * this very moment either has the job, and is left alone, or never gets it.
 * @param folder of the job
 * @returns false if the job has begun
 * @throws what the system reports if the job cannot be taken away; then the host still runs
 */
export async function giveUpHost(host: ProcessIdentity, folder: string, clock: Clock): Promise<boolean> {
  if (!(await JournalWriter.forestall(folder))) return false;
  // It leads a session of its own. The marker of what it has started is known to itself only, and this one is nobody's.
  await using tree = adoptContainer({ marker: randomUUID(), leaders: [host] }, clock);
  await tree.end({ graceMs: 0 });
  return true;
}
