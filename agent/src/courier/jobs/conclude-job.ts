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
  readonly bootId: string;
  readonly result: JournalResult;
  /** A sentence for the user. */
  readonly reason: string;
}

/** Ends what a dead host has left running. After a reboot there is nothing. */
export async function endLeftovers(
  started: JobStarted,
  options: Pick<ConcludeOptions, 'bootId' | 'clock' | 'assignment'>,
) {
  if (started.bootId !== options.bootId) return;
  await using tree = adoptContainer(started.container, options.clock);
  await tree.end({ graceMs: options.assignment.graceMs });
}

/** Writes the end of a job whose host could not: so that its user learns what happened, and the server that it is over. */
export async function concludeJob(options: ConcludeOptions): Promise<void> {
  const { folder, assignment, reader, clock, result, reason } = options;
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
  await writer.appendConsole(Buffer.from(`${newline}${lines.join('\n')}\n`));
  await writer.appendEvent({ type: 'completed', result, reason });
}
