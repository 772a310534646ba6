import {
  buildLocatorForDisplay,
  type ConsolePlace,
  ConsoleTag,
  consoleText,
  formatDateTime,
} from '@go-agent/protocol';
import type { JournalResult } from '../journal/format.ts';
import { publishArtifacts } from './artifacts/publish-artifacts.ts';
import type { Cancellation } from './cancel/cancellation.ts';
import { describeContainment } from './cancel/describe-containment.ts';
import { keepsProcesses } from './end-leftovers.ts';
import { allVariables } from './environment/all-variables.ts';
import { environmentReport, type JobVariable, taskEnvironment } from './environment/job-environment.ts';
import type { JobContext } from './job-context.ts';
import { updateMaterials } from './materials/update-materials.ts';
import { prepareWorkingDir } from './prepare-working-dir.ts';
import { runTasks } from './tasks/run-tasks.ts';

export function placeOf({ agent, work }: JobContext['assignment']): ConsolePlace {
  const locator = buildLocatorForDisplay(work.assignment.jobIdentifier);
  return { locator, hostName: agent.hostName, home: agent.home };
}

export function announce({ console, clock, assignment, container }: JobContext): void {
  console.line(ConsoleTag.notice, consoleText.jobStarted(formatDateTime(clock.now())));
  console.line(ConsoleTag.notice, describeContainment(container.level, keepsProcesses({ assignment })));
  console.line(ConsoleTag.prepareOut, consoleText.startToPrepare(placeOf(assignment)));
}

/**
 * Working folder, materials, environment.
 * @returns the job's variables
 */
export async function prepare(context: JobContext): Promise<JobVariable[]> {
  const { assignment, console, inherited } = context;
  await prepareWorkingDir(context);
  if (assignment.work.assignment.fetchMaterials) await updateMaterials(context);
  else console.line(ConsoleTag.prepareOut, consoleText.skipMaterials());
  const variables = allVariables(context);
  console.line(ConsoleTag.prepareOut, `${environmentReport(inherited, variables).join('\n')}\n`);
  return variables;
}

export function build(
  context: JobContext,
  variables: readonly JobVariable[],
  cancellation: Cancellation,
): Promise<JournalResult> {
  const environment = taskEnvironment(context.inherited, variables);
  return runTasks({ ...context, environment }, cancellation);
}

/** @returns the job's result, which artifacts that could not be published spoil */
export async function publish(context: JobContext, result: JournalResult): Promise<JournalResult> {
  const { console, assignment } = context;
  const passed = result === 'Passed';
  const tag = passed ? ConsoleTag.jobPassed : ConsoleTag.jobFailed;
  console.line(tag, consoleText.currentJobStatus(passed ? 'passed' : 'failed'));
  console.line(ConsoleTag.artifact, consoleText.startToUpload(placeOf(assignment)));
  return (await publishArtifacts(context)) ? result : 'Failed';
}
