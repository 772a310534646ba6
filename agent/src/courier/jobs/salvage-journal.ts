import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, isAlive, writeFileAtomic } from '@go-agent/runtime/core';
import { readDelivered, writeDelivered } from '../../journal/delivered-file.ts';
import { type Assignment, JOURNAL } from '../../journal/format.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { endLeftovers } from './conclude-job.ts';

export interface SalvageOptions {
  readonly folder: string;
  readonly assignment: Assignment;
  readonly clock: Clock;
  readonly bootId: string;
}

/**
 * Ends what a job with a damaged journal has running, and cuts its events off before the first that cannot be read. What is left is
 * that of a job whose host died: its end is for whoever delivers it to write.
 */
export async function salvageJournal({ folder, assignment, clock, bootId }: SalvageOptions): Promise<void> {
  const reader = new JournalReader(folder);
  // Those before the damage are kept.
  await reader.readEvents().catch(() => undefined);
  const [first] = reader.events;
  if (first?.type === 'started' && first.bootId === bootId) {
    if (isAlive(first.host)) process.kill(first.host.pid, 'SIGKILL');
    await endLeftovers(first, { bootId, clock, assignment });
  }
  const path = join(folder, JOURNAL.events);
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, reader.events.length);
  // A journal without an event is that of a job that has not begun.
  if (lines.length === 0) lines.push(JSON.stringify({ type: 'damaged', at: clock.now(), console: 0 }));
  const delivered = await readDelivered(folder);
  if (delivered.events > lines.length) await writeDelivered(folder, { ...delivered, events: lines.length });
  await writeFileAtomic(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
}
