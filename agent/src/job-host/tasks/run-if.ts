import type { RunIf } from '@go-agent/protocol';
import type { JournalResult } from '../../journal/format.ts';

/** Whether a task runs, given the job's result so far (agent-protocol 4.9). */
export function shouldRun(conditions: readonly RunIf[], result: JournalResult): boolean {
  if (conditions.length === 0) return result === 'Passed';
  return conditions.some(({ status }) => status === 'any' || status === result.toLowerCase());
}
