import { ConsoleTag } from '@go-agent/protocol';
import type { JobContext } from './job-context.ts';

/** Set, and not empty, in the job's variables: what the job left running in the background stays. */
const KEEP = 'GO_AGENT_KEEP_PROCESSES';

/** Whether the job wants that. */
export function keepsProcesses({ assignment }: Pick<JobContext, 'assignment'>): boolean {
  const { properties } = assignment.work.assignment.initialContext;
  return (properties.findLast(({ name }) => name === KEEP)?.value ?? '') !== '';
}

/** Ends what the job's processes left behind in the background, and says so; or has it kept. */
export async function endLeftovers(context: JobContext): Promise<void> {
  const { container, console, processes, assignment, cancelled, hurry } = context;
  if (cancelled.aborted || !keepsProcesses(context)) {
    const left = await container.list();
    if (left.length > 0) {
      const what =
        left.length === 1 ? '1 process that the job left' : `${left.length} processes that the job left`;
      console.line(ConsoleTag.notice, `[go] Ending ${what} running. Set ${KEEP} to keep such processes.`);
      const { survivors } = await container.end({ graceMs: assignment.graceMs, hurry });
      if (survivors.length > 0) {
        const pids = survivors.map(({ pid }) => pid).join(', ');
        console.line(
          ConsoleTag.taskError,
          `[go] These processes could not be ended, not even by SIGKILL: ${pids}`,
        );
      }
    }
  } else container.keep();
  await processes.closeOutput();
}
