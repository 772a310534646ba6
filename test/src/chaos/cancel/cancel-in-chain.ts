import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL } from '@go-agent/agent';
import { describeError, systemClock } from '@go-agent/runtime/core';
import { leftovers, treeKinds } from '@go-agent/runtime/testing';
import { shellTask, stageOf } from '../../harness/pipeline-words.ts';
import { startSystem } from '../../harness/start-system.ts';
import type { TestSystem } from '../../harness/test-system.ts';
import { inLanes } from '../in-lanes.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { CancelOutcome } from './cancel-outcome.ts';
import { endSurvivors, markedScript, treeMark } from './marked-tree.ts';

const NEVER = new AbortController().signal;
const SETTLE_MS = 1000;
const LANES = 4;
/** Out of the way of the marks of single job hosts. */
const FIRST_MARK = 900_000;

export interface ChainRuns {
  readonly runs: number;
  readonly graceMs: number;
  /** Look for survivors when the agent has no job any more, and not one second after the grace. */
  readonly untimed?: boolean;
  readonly random: SeededRandom;
  readonly progress: (line: string) => void;
}

/** Jobs that are cancelled through the server's API: server, agent and job host, all of them real. */
export async function cancelInChain({
  runs,
  graceMs,
  untimed = false,
  random,
  progress,
}: ChainRuns): Promise<CancelOutcome[]> {
  if (runs === 0) return [];
  const lanes = Math.min(LANES, runs);
  await using system = await startSystem({ agents: lanes, agentArgs: ['--set', `grace=${graceMs}ms`] });
  const pauses = Array.from({ length: runs }, () => random.integer(0, 300));
  for (let lane = 0; lane < lanes; lane++)
    for (const number of treeKinds.keys()) await define(system, lane, number);
  return await inLanes(runs, lanes, async (index, lane) => {
    const number = index % treeKinds.length;
    const pauseMs = pauses[index] ?? 0;
    const outcome = await cancelOne(system, { lane, number, graceMs, untimed, pauseMs });
    progress(`chain ${index + 1}/${runs} ${outcome.kind}: ${outcome.fault ?? 'ended'}`);
    return outcome;
  });
}

interface ChainRun {
  readonly lane: number;
  readonly number: number;
  readonly graceMs: number;
  readonly untimed: boolean;
  readonly pauseMs: number;
}

async function cancelOne(
  system: TestSystem,
  { lane, number, graceMs, untimed, pauseMs }: ChainRun,
): Promise<CancelOutcome> {
  const kind = treeKinds[number]?.name ?? '';
  const pipeline = nameOf(lane, number);
  const mark = markOf(lane, number);
  let survivors: readonly string[] = [];
  let level = 'unknown';
  try {
    const counter = await system.trigger(pipeline);
    const job = { pipeline, counter, stage: 'only', job: 'tree' };
    await system.wait(async () => (await system.console(job)).includes(' ready\n'), {
      timeoutMs: 60_000,
      describe: `the tree of ${pipeline}`,
    });
    level = await levelOf(system, mark);
    await systemClock.sleep(pauseMs, NEVER);
    await system.api.send('POST', `/api/stages/${pipeline}/${counter}/only/1/cancel`);
    if (untimed) await untilIdle(system, (await system.stage(pipeline, counter, 'only')).jobs[0]?.agent_uuid);
    else await systemClock.sleep(graceMs + SETTLE_MS, NEVER);
    survivors = endSurvivors(mark);
    const { result } = await system.waitForStage(pipeline, counter, 'only');
    if (result === 'Cancelled') return { kind, level, survivors };
    return { kind, level, survivors, fault: `the stage has ${result}` };
  } catch (error) {
    return { kind, level, survivors, fault: describeError(error) };
  } finally {
    endSurvivors(mark);
  }
}

async function untilIdle(system: TestSystem, uuid: string | null | undefined): Promise<void> {
  await system.wait(
    async () => {
      const agents = await system.agentShapes();
      return agents.some((shape) => shape.uuid === uuid && shape.display_state === 'idle');
    },
    { describe: `agent ${uuid} to be over with the job` },
  );
}

/** What the job host of the job with this mark has written into its journal. */
async function levelOf(system: TestSystem, mark: string): Promise<string> {
  if (leftovers(mark).length === 0) throw new Error(`No process has the mark ${mark}`);
  const levels = new Set<string>();
  for (const { home } of system.agents) {
    const jobs = await readdir(join(home, 'jobs')).catch(() => []);
    for (const id of jobs) {
      const events = await readFile(join(home, 'jobs', id, JOURNAL.events), 'utf8').catch(() => '');
      const [, level] = /"containment":"(\w+)"/.exec(events) ?? [];
      if (level !== undefined) levels.add(level);
    }
  }
  return [...levels].join(', ');
}

async function define(system: TestSystem, lane: number, number: number): Promise<void> {
  const kind = treeKinds[number];
  if (kind === undefined) return;
  const mark = markOf(lane, number);
  const tasks = [shellTask(markedScript(kind, mark)), shellTask(`echo waits; exec sleep ${mark}`)];
  await system.definePipeline(nameOf(lane, number), [
    stageOf('only', 'tree', tasks, { stage: { fetch_materials: false } }),
  ]);
}

function nameOf(lane: number, number: number): string {
  return `cancel-${lane}-${number}`;
}

function markOf(lane: number, number: number): string {
  return treeMark(FIRST_MARK + lane * 100 + number);
}
