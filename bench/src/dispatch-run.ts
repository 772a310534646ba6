import { systemClock } from '@go-agent/runtime/core';
import { stageOf } from '../../test/src/harness/pipeline-words.ts';
import type { TestSystem } from '../../test/src/harness/test-system.ts';

/** Milliseconds from one moment of a dispatch to another. */
export interface DispatchTimes {
  /** The request for the trigger is sent, until the task's first instruction. */
  readonly fromRequest: number;
  /** The 202 is there, until the task's first instruction. Negative if the task was faster than the answer. */
  readonly fromAccepted: number;
  readonly requestToAccepted: number;
  readonly requestToAssigned: number;
  /** Assigned by the server, until the job host writes the first line of the console. */
  readonly assignedToHost: number;
  /** From there to the line that names the task. */
  readonly hostToTask: number;
  /** From there to the first instruction of the task. */
  readonly taskToInstruction: number;
}

export interface DispatchOptions {
  readonly updateMaterials: boolean;
}

export interface SeriesOptions extends DispatchOptions {
  readonly pipeline: string;
  readonly runs: number;
  /** Between the end of a job and the next trigger. */
  readonly pauseMs: number;
}

const NEVER = new AbortController().signal;

/** A pipeline whose only task prints the time in nanoseconds. */
export function defineClockPipeline(system: TestSystem, name: string, resource?: string): Promise<void> {
  const date = { exec: { command: 'date', arguments: ['+%s%N'] } };
  const job = resource === undefined ? {} : { resources: [resource] };
  return system.definePipeline(name, [
    stageOf('only', 'clock', [date], { stage: { fetch_materials: false }, job }),
  ]);
}

/** One after the other, each when the system's agent is idle. */
export async function dispatchSeries(system: TestSystem, options: SeriesOptions): Promise<DispatchTimes[]> {
  const { pipeline, runs, pauseMs } = options;
  const all: DispatchTimes[] = [];
  for (let run = 0; run < runs; run++) {
    await system.waitForIdle();
    await systemClock.sleep(pauseMs, NEVER);
    all.push(await dispatchOnce(system, pipeline, options));
  }
  return all;
}

/** Triggers the pipeline, waits for the end of its job and reads what it has printed. */
export async function dispatchOnce(
  system: TestSystem,
  pipeline: string,
  { updateMaterials }: DispatchOptions,
): Promise<DispatchTimes> {
  const seen = system.events.events.length;
  const requestAt = nowMs();
  await system.api.send('POST', `/api/pipelines/${pipeline}/schedule`, {
    update_materials_before_scheduling: updateMaterials,
  });
  const acceptedAt = nowMs();
  const over = await system.events.next(
    (event) =>
      event.type === 'job-changed' && event.job.pipeline === pipeline && event.job.state === 'completed',
    seen,
  );
  if (over.type !== 'job-changed') throw new Error('unreachable');
  const { job } = over;
  const console = await system.console({ pipeline, counter: job.counter, stage: job.stage, job: job.job });
  const { host, task, instruction } = timesOf(console, requestAt);
  const assigned = job.transitions.find(({ state }) => state === 'assigned')?.at ?? Number.NaN;
  return {
    fromRequest: instruction - requestAt,
    fromAccepted: instruction - acceptedAt,
    requestToAccepted: acceptedAt - requestAt,
    requestToAssigned: assigned - requestAt,
    assignedToHost: host - assigned,
    hostToTask: task - host,
    taskToInstruction: instruction - task,
  };
}

/** @throws Error if the task's output is not in the console */
function timesOf(console: string, near: number): { host: number; task: number; instruction: number } {
  const [, host] = /^##\|(\S+)/m.exec(console) ?? [];
  const [, task] = /^!!\|(\S+)/m.exec(console) ?? [];
  const [, instruction] = /^&1\|\S+ (\d{19})$/m.exec(console) ?? [];
  if (host === undefined || task === undefined || instruction === undefined)
    throw new Error(`The console lacks what the task prints:\n${console}`);
  return {
    host: atTime(host, near),
    task: atTime(task, near),
    instruction: Number(BigInt(instruction) / 1000n) / 1000,
  };
}

/** The moment of a console line, which has the time of day only, in local time. */
function atTime(timeOfDay: string, near: number): number {
  const [hours = 0, minutes = 0, seconds = 0] = timeOfDay.split(':').map(Number);
  const at = new Date(near).setHours(hours, minutes, 0, 0) + seconds * 1000;
  // The run may have crossed midnight.
  return at < near - 12 * 3_600_000 ? at + 24 * 3_600_000 : at;
}

/** Epoch milliseconds with microseconds, by the same clock as `date`. */
function nowMs(): number {
  return Number(Temporal.Now.instant().epochNanoseconds / 1000n) / 1000;
}
