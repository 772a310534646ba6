import { join } from 'node:path';
import { type ArtifactPlan, type BuiltInArtifactPlan, ConsoleTag, consoleText } from '@go-agent/protocol';
import type { JobContext } from '../job-context.ts';
import { parseAntPattern } from './ant-pattern.ts';
import { artifactDestination } from './artifact-destination.ts';
import { findMatches } from './find-matches.ts';
import { isOurServer } from './is-our-server.ts';
import { orderPlans } from './order-plans.ts';
import { publishReports } from './publish-reports.ts';
import { type PlacedSource, uploadFiles } from './upload-files.ts';
import { uploadZips } from './upload-zips.ts';
import { withoutRepeats } from './without-repeats.ts';

/** How the artifacts of one job go to its server. */
interface Publisher {
  readonly context: JobContext;
  readonly isOurs: boolean;
  readonly upload: (sources: readonly PlacedSource[]) => Promise<boolean>;
}

/**
 * Publishes what the plans name (agent-protocol 6.1). A plan that fails does not stop the others.
 * @returns whether all of them succeeded; if not, the console says which did not
 */
export async function publishArtifacts(context: JobContext): Promise<boolean> {
  const plans = orderPlans(context.assignment.work.assignment.artifactPlans);
  if (plans.length === 0) return true;
  const failed: string[] = [];
  try {
    await publishAll(plans, await publisher(context), failed);
  } catch (error) {
    const { cancelled, console } = context;
    if (!cancelled.aborted) throw error;
    console.line(ConsoleTag.artifactError, '[go] The upload was cancelled.');
    return false;
  }
  if (failed.length > 0) context.console.line(ConsoleTag.artifactError, consoleText.uploadsFailed(failed));
  return failed.length === 0;
}

async function publisher(context: JobContext): Promise<Publisher> {
  const isOurs = await isOurServer(context);
  return { context, isOurs, upload: (sources) => (isOurs ? uploadFiles : uploadZips)(sources, context) };
}

async function publishAll(plans: readonly ArtifactPlan[], to: Publisher, failed: string[]): Promise<void> {
  const lastReport = plans.findLast(({ artifactPlanType }) => artifactPlanType === 'unit');
  const reports: string[] = [];
  for (const plan of plans) {
    to.context.cancelled.throwIfAborted();
    if (!(await publish(plan, to, reports))) failed.push(sourceOf(plan));
    if (plan === lastReport && !(await publishReports(reports, to.context, to.upload, to.isOurs))) {
      failed.push('the page of the test reports');
    }
  }
}

function publish(plan: ArtifactPlan, to: Publisher, reports: string[]): Promise<boolean> {
  if (plan.artifactPlanType !== 'external') return publishBuiltIn(plan, to, reports);
  const text = `[go] The artifact ${sourceOf(plan)} needs an artifact plugin, which this agent does not support. Run the job on an agent that has the plugin.`;
  to.context.console.line(ConsoleTag.artifactError, text);
  return Promise.resolve(false);
}

async function publishBuiltIn(
  plan: BuiltInArtifactPlan,
  { context, upload }: Publisher,
  reports: string[],
): Promise<boolean> {
  const { workingDir, cancelled, assignment } = context;
  const matches = await findMatches(workingDir, parseAntPattern(plan.src), cancelled);
  if (matches.length === 0) return nothingFound(plan, context);
  if (plan.artifactPlanType === 'unit') reports.push(...matches.map(({ path }) => join(workingDir, path)));
  const named = assignment.work.assignment.buildWorkingDirectory.path;
  const items = matches.map((match) => ({
    ...match,
    dest: artifactDestination({ ...plan, match: match.path, workingDir: named }),
  }));
  return upload(withoutRepeats(items).map(({ path, dest }) => ({ source: join(workingDir, path), dest })));
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
