import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { linkJournal } from '../../test/src/chaos/journal-link.ts';
import { sha256OfConsole, sha256OfFile } from '../../test/src/chaos/sha256.ts';
import { runToEnd } from '../../test/src/harness/process.ts';
import type { TestSystem } from '../../test/src/harness/test-system.ts';
import { type ProcessTrace, ProcessWatch } from './process-watch.ts';

export interface ConsoleMeasure {
  /** Of the task's output, in 10^6 bytes a second: from the state Building until all is stored and the job Completed. */
  readonly chain: number;
  /** The same command with a file as its output. */
  readonly file: number;
  /** From the task's start to its end, as the host's own lines say: how fast the journal takes it. */
  readonly journal: number;
  readonly processes: ReadonlyMap<string, ProcessTrace>;
}

export interface ConsoleRun {
  readonly system: TestSystem;
  readonly pipeline: string;
  readonly script: string;
  readonly outputBytes: number;
  readonly seen: Set<string>;
}

/** @throws Error if the stored log is not the journal's */
export async function measureConsole(run: ConsoleRun): Promise<ConsoleMeasure> {
  const { system, pipeline, script, outputBytes, seen } = run;
  const file = await measureFile(system, script, outputBytes);
  await system.waitForIdle();
  const linked = join(system.folder, 'journal.log');
  const agent = system.agent.lockedBy();
  const server = system.server.pid;
  if (agent === undefined || server === undefined) throw new Error('agent or server is not running');
  const spare = await spareOf(agent);
  const watch = new ProcessWatch({ agent, 'job host': spare, server });
  const journal = linkJournal(system.agent.home, linked, seen);
  const counter = await system.trigger(pipeline);
  const { folder } = await journal;
  if ((await hostOf(folder)) !== spare) throw new Error('Another host than the spare one ran the job');
  const { jobs } = await system.waitForPass(pipeline, counter, 'only', { timeoutMs: 600_000 });
  const processes = await watch.stop();
  const job = { pipeline, counter, stage: 'only', job: 'prints' };
  const stored = await sha256OfConsole(system, job);
  if (stored !== (await sha256OfFile(linked))) throw new Error('The stored log is not the journal');
  const times = new Map(
    jobs[0]?.job_state_transitions.map(({ state, state_change_time }) => [state, state_change_time]),
  );
  const taskMs = await taskDuration(linked);
  await rm(linked);
  await rm(join(system.server.data, 'artifacts', 'pipelines', pipeline), { recursive: true, force: true });
  const chainMs = (times.get('Completed') ?? Number.NaN) - (times.get('Building') ?? Number.NaN);
  return { chain: rate(outputBytes, chainMs), file, journal: rate(outputBytes, taskMs), processes };
}

async function measureFile(system: TestSystem, script: string, bytes: number): Promise<number> {
  const target = join(system.folder, 'direct');
  const startedAt = systemClock.monotonic();
  await runToEnd('sh', ['-c', `{ ${script}; } > ${target}`], { cwd: system.folder, timeoutMs: 600_000 });
  const ms = systemClock.monotonic() - startedAt;
  if ((await stat(target)).size !== bytes) throw new Error('The command did not print what it should');
  await rm(target);
  return rate(bytes, ms);
}

/** The job host that waits for its job: the only child that an agent without one has. */
async function spareOf(agent: number): Promise<number> {
  return waitFor(
    async () => {
      const children = await readFile(`/proc/${agent}/task/${agent}/children`, 'utf8');
      const [pid, ...others] = children.trim().split(' ').map(Number);
      return others.length === 0 && pid;
    },
    { describe: 'the spare job host' },
  );
}

async function hostOf(folder: string): Promise<number> {
  return waitFor(
    async () => {
      const text = await readFile(join(folder, 'events.jsonl'), 'utf8');
      const [, pid] = /"host":\{"pid":(\d+)/.exec(text) ?? [];
      return Number(pid);
    },
    { describe: 'the job host' },
  );
}

/** What the line says that ends a task. */
async function taskDuration(console: string): Promise<number> {
  const { size } = await stat(console);
  await using file = await open(console, 'r');
  const { buffer } = await file.read({ buffer: Buffer.alloc(4096), position: Math.max(0, size - 4096) });
  const [, ms] = /Task status: passed \((\d+) ms\)/.exec(buffer.toString()) ?? [];
  return Number(ms);
}

function rate(bytes: number, ms: number): number {
  return bytes / 1000 / ms;
}
