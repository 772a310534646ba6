import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonFile, writeFileAtomic } from '@go-agent/runtime/core';
import { type Delivered, JOURNAL } from './format.ts';

const NOTHING: Delivered = { console: 0, events: 0 };

/** What the server has accepted. Without the file, or with a damaged one: nothing, so that all is delivered again. */
export async function readDelivered(folder: string): Promise<Delivered> {
  const file = await readJsonFile(join(folder, JOURNAL.delivered), decodeDelivered);
  return file.kind === 'ok' ? file.value : NOTHING;
}

export async function writeDelivered(folder: string, delivered: Delivered): Promise<void> {
  await writeFileAtomic(join(folder, JOURNAL.delivered), JSON.stringify(delivered), { mode: 0o600 });
}

/**
 * As {@link writeDelivered}, but waits for no disk: after a power cut the file may be an older one, or damaged. For what a server
 * skips if it is sent again.
 */
export async function writeDeliveredSoon(folder: string, delivered: Delivered): Promise<void> {
  const path = join(folder, JOURNAL.delivered);
  await writeFile(`${path}.soon`, JSON.stringify(delivered), { mode: 0o600 });
  await rename(`${path}.soon`, path);
}

function decodeDelivered(parsed: unknown): Delivered {
  const { console, events } = parsed as Partial<Delivered>;
  if (!isCount(console) || !isCount(events)) throw new TypeError('console and events must be counts');
  return { console, events };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
