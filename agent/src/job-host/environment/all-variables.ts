import type { JobContext } from '../job-context.ts';
import { p4Variables } from '../materials/p4/p4-variables.ts';
import { type JobVariable, jobVariables } from './job-environment.ts';

/**
 * What the tasks of a job have besides what is inherited: its own variables, and those that its materials give.
 * @throws AppError job-secret-unresolved
 */
export function allVariables({
  assignment: { agent, work },
  workingDir,
}: Pick<JobContext, 'assignment' | 'workingDir'>): JobVariable[] {
  const { hostName, serverUrl } = agent;
  const { revisions } = work.assignment.materialRevisions;
  return [...jobVariables(work.assignment, serverUrl), ...p4Variables(revisions, { hostName, workingDir })];
}
