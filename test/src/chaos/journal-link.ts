import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL } from '@go-agent/agent';
import { waitFor } from '@go-agent/runtime/testing';

/** A running job's journal, whose console stays to be read after the agent has delivered and removed it. */
export interface JournalLink {
  /** The job's folder; gone when the job is over. */
  readonly folder: string;
  /** A second name of its console.log. */
  readonly console: string;
}

/**
 * Waits for the next job in an agent's home and gives its console a second name, `into`.
 * @param seen ids of jobs that were there before; the new one is added
 */
export async function linkJournal(home: string, into: string, seen: Set<string>): Promise<JournalLink> {
  return waitFor(
    async () => {
      const jobs = await readdir(join(home, 'jobs')).catch(() => []);
      const id = jobs.find((name) => /^\d+$/.test(name) && !seen.has(name));
      if (id === undefined) return undefined;
      const folder = join(home, 'jobs', id);
      await link(join(folder, JOURNAL.console), into);
      seen.add(id);
      return { folder, console: into };
    },
    { timeoutMs: 60_000, intervalMs: 5, describe: `a job in ${home}` },
  );
}
