import { join } from 'node:path';
import { type ArtifactPlan, type BuiltInArtifactPlan, ConsoleTag, consoleText } from '@go-agent/protocol';
import type { JobContext } from '../job-context.ts';
import { parseAntPattern } from './ant-pattern.ts';
import { artifactDestination } from './artifact-destination.ts';
import { findMatches } from './find-matches.ts';
import { orderPlans } from './order-plans.ts';
import { uploadArtifact } from './upload-artifact.ts';
import { withoutRepeats } from './without-repeats.ts';

/**
 * Publishes what the plans name (agent-protocol 6.1). A plan that fails does not stop the others.
 * @returns whether all of them succeeded; if not, the console says which did not
 */
export async function publishArtifacts(context: JobContext): Promise<boolean> {
  const failed: string[] = [];
  for (const plan of orderPlans(context.assignment.work.assignment.artifactPlans)) {
    if (context.cancelled.aborted) break;
    if (!(await publish(plan, context))) failed.push(sourceOf(plan));
  }
  if (failed.length > 0) context.console.line(ConsoleTag.artifactError, consoleText.uploadsFailed(failed));
  return failed.length === 0;
}

function publish(plan: ArtifactPlan, context: JobContext): Promise<boolean> {
  if (plan.artifactPlanType !== 'external') return publishBuiltIn(plan, context);
  const text = `[go] The artifact ${sourceOf(plan)} needs an artifact plugin, which this agent does not support. Run the job on an agent that has the plugin.`;
  context.console.line(ConsoleTag.artifactError, text);
  return Promise.resolve(false);
}

async function publishBuiltIn(plan: BuiltInArtifactPlan, context: JobContext): Promise<boolean> {
  const { workingDir, console, cancelled } = context;
  const matches = await findMatches(workingDir, parseAntPattern(plan.src), cancelled);
  if (matches.length === 0) return nothingFound(plan, context);
  const items = matches.map((match) => ({
    ...match,
    dest: artifactDestination(plan.src, plan.dest, match.path),
  }));
  let passed = true;
  for (const { path, dest } of withoutRepeats(items)) {
    if (cancelled.aborted) return false;
    if (!(await uploadArtifact(join(workingDir, path), dest, context))) passed = false;
  }
  if (!passed && cancelled.aborted) console.line(ConsoleTag.artifactError, '[go] The upload was cancelled.');
  return passed;
}

/** A missing test report is not a failure (agent-behaviour 8.14). */
function nothingFound(
  { artifactPlanType, src }: BuiltInArtifactPlan,
  { console, workingDir }: JobContext,
): boolean {
  if (artifactPlanType === 'file') {
    console.line(ConsoleTag.artifactError, consoleText.noMatch(src, workingDir));
    return false;
  }
  const path = join(workingDir, src);
  const text = `[go] The directory ${path} specified as a test artifact was not found. Please check your configuration`;
  console.line(ConsoleTag.artifactError, text);
  return true;
}

function sourceOf(plan: ArtifactPlan): string {
  return plan.artifactPlanType === 'external' ? plan.pluggableArtifactConfigJson : plan.src;
}
