import { AppError } from '@go-agent/runtime';
import { z } from 'zod';
import type { ServerClient } from './server-client.ts';
import type { ReceivedEvent, ServerEvents } from './server-events.ts';

const scheduled = z.object({ pipeline: z.string(), counter: z.number() });

const waiting = z.object({
  job: z.object({ pipeline: z.string(), counter: z.number(), stage: z.string(), job: z.string() }),
  wait: z.object({ reason: z.string(), askAgainAt: z.number().optional() }),
});

const instance = z.looseObject({
  name: z.string(),
  counter: z.number(),
  label: z.string(),
  stages: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string(),
      scheduled: z.boolean(),
      approval_type: z.string().nullish(),
    }),
  ),
});

const healthMessages = z.array(
  z.looseObject({ message: z.string(), detail: z.string(), level: z.string(), time: z.string() }),
);

export type PipelineInstance = z.infer<typeof instance>;
/** `waiting`: the next stage needs a manual approval. */
export type RunOutcome = 'passed' | 'failed' | 'cancelled' | 'waiting';

export interface FollowedRun {
  readonly client: ServerClient;
  readonly pipeline: string;
  readonly events: ServerEvents;
  progress(text: string): void;
  /** From {@link knownProblems}, asked for before the trigger. */
  readonly known: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** What is wrong with the server already, and so no answer to a trigger. */
export async function knownProblems(client: ServerClient, signal: AbortSignal): Promise<ReadonlySet<string>> {
  return new Set((await health(client, signal)).map(keyOf));
}

/**
 * Waits for the run that was asked for and for its end.
 * @throws AppError `trigger-failed` if the server says why there will be none, `server-gone` if it stops
 */
export async function followRun(
  run: FollowedRun,
): Promise<{ readonly outcome: RunOutcome; readonly instance: PipelineInstance }> {
  const counter = await scheduledCounter(run);
  for (let shown = ''; ; ) {
    const found = await load(run, counter);
    const line = progressLine(found);
    if (line !== shown) run.progress(`${line}\n`);
    shown = line;
    const outcome = outcomeOf(found);
    if (outcome !== 'running') return { outcome, instance: found };
    for (let change = await nextEvent(run); !isChangeOf(change, run.pipeline, counter); ) {
      tellWait(run, change, counter);
      change = await nextEvent(run);
    }
  }
}

/** The counter of the pipeline's next run. */
async function scheduledCounter(run: FollowedRun): Promise<number> {
  for (;;) {
    const event = await nextEvent(run);
    if (event.type === 'health-changed') await refuseIfToldWhy(run);
    if (event.type !== 'pipeline-scheduled') continue;
    const { pipeline, counter } = scheduled.parse(event.data);
    if (isSame(pipeline, run.pipeline)) return counter;
  }
}

async function nextEvent(run: FollowedRun): Promise<ReceivedEvent> {
  const { done, value } = await run.events.events.next();
  if (done) throw new AppError('server-gone', 'The server stopped; the pipeline goes on when it is back');
  return value;
}

/**
 * A job that waits for an elastic agent says what its plugin answered, and when it is asked again; one that no agent can take says what
 * is missing.
 */
function tellWait(run: FollowedRun, event: ReceivedEvent, counter: number): void {
  if (event.type !== 'job-waiting') return;
  const { job, wait } = waiting.parse(event.data);
  if (!isSame(job.pipeline, run.pipeline) || job.counter !== counter) return;
  const again =
    wait.askAgainAt === undefined ? '' : ` (asked again by ${new Date(wait.askAgainAt).toISOString()})`;
  run.progress(`  ${job.stage}/${job.job} waits: ${wait.reason}${again}\n`);
}

function isChangeOf(event: ReceivedEvent, pipeline: string, counter: number): boolean {
  if (event.type !== 'stage-changed') return false;
  const change = scheduled.parse(event.data);
  return isSame(change.pipeline, pipeline) && change.counter === counter;
}

/** What has become of the run so far. */
export function outcomeOf({ stages }: PipelineInstance): RunOutcome | 'running' {
  for (const { status, scheduled, approval_type: approval } of stages) {
    if (!scheduled) return approval === 'manual' ? 'waiting' : 'running';
    if (status === 'Failed') return 'failed';
    if (status === 'Cancelled') return 'cancelled';
    if (status !== 'Passed') return 'running';
  }
  return 'passed';
}

async function refuseIfToldWhy(run: FollowedRun): Promise<void> {
  const messages = await health(run.client, run.signal);
  const name = run.pipeline.toLowerCase();
  const reason = messages.find(
    (problem) =>
      // A warning is of something else, an older job of the pipeline that waits for example.
      problem.level === 'ERROR' &&
      !run.known.has(keyOf(problem)) &&
      `${problem.message} ${problem.detail}`.toLowerCase().includes(name),
  );
  if (reason !== undefined) throw new AppError('trigger-failed', `${reason.message}: ${reason.detail}`);
}

async function health(client: ServerClient, signal: AbortSignal) {
  return healthMessages.parse(await client.getJson('/api/server_health_messages', 1, signal));
}

function keyOf({ message, detail, time }: z.infer<typeof healthMessages>[number]): string {
  return [message, detail, time].join('\n');
}

async function load({ client, pipeline, signal }: FollowedRun, counter: number): Promise<PipelineInstance> {
  return instance.parse(
    await client.getJson(`/api/pipelines/${encodeURIComponent(pipeline)}/${counter}`, 1, signal),
  );
}

function progressLine({ name, counter, label, stages }: PipelineInstance): string {
  const states = stages.map(
    (stage) => `${stage.name} ${stage.scheduled ? stage.status.toLowerCase() : 'not yet'}`,
  );
  return `${name}/${counter} (${label}): ${states.join(', ')}`;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
