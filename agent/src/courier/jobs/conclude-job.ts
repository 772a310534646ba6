import { buildLocatorForDisplay, ConsoleTag, consoleText, formatConsoleLine } from '@go-agent/protocol';
import { adoptContainer, type Clock } from '@go-agent/runtime/core';
import type { Assignment, JobStarted, JournalResult } from '../../journal/format.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';
import { JournalWriter } from '../../journal/journal-writer.ts';

export interface ConcludeOptions {
  readonly folder: string;
  readonly assignment: Assignment;
  readonly reader: JournalReader;
  readonly clock: Clock;
  readonly result: JournalResult;
  /** Bytes of the console that the server has. A power cut may have left fewer here: what is written below that is never read. */
  readonly consoleAtServer: number;
  /** A sentence for the user. */
  readonly reason: string;
}

/** In the place of what the server has and this machine has lost. */
const FILLING = Buffer.alloc(1024 * 1024, '\n');

/** Ends what a dead host has left running. After a reboot there is nothing. */
export async function endLeftovers(
  started: JobStarted,
  options: Pick<ConcludeOptions, 'clock' | 'assignment'> & { readonly bootId: string },
) {
  if (started.bootId !== options.bootId) return;
  await using tree = adoptContainer(started.container, options.clock);
  await tree.end({ graceMs: options.assignment.graceMs });
}

/** Writes the end of a job whose host could not: so that its user learns what happened, and the server that it is over. */
export async function concludeJob(options: ConcludeOptions): Promise<void> {
  const { folder, assignment, reader, clock, result, reason, consoleAtServer } = options;
  const { work, agent } = assignment;
  const length = await reader.consoleLength();
  const last = await reader.readConsole(Math.max(0, length - 1), length);
  const place = {
    locator: buildLocatorForDisplay(work.assignment.jobIdentifier),
    hostName: agent.hostName,
    home: agent.home,
  };
  const lines = [
    formatConsoleLine(ConsoleTag.taskError, clock.now(), `[go] ${reason}`),
    formatConsoleLine(ConsoleTag.completed, clock.now(), consoleText.jobCompleted(place)),
  ];
  const newline = length > 0 && last.toString() !== '\n' ? '\n' : '';
  await using writer = await JournalWriter.open({ folder, clock });
  for (let lost = consoleAtServer - length; lost > 0; lost -= FILLING.length)
    await writer.appendConsole(FILLING.subarray(0, lost));
  await writer.appendConsole(Buffer.from(`${newline}${lines.join('\n')}\n`));
  await writer.appendEvent({ type: 'completed', result, reason });
}
