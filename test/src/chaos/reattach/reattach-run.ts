import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL } from '@go-agent/agent';
import { HAND_OVER_SIGNAL } from '@go-agent/protocol/launch-contract';
import { describeError, systemClock } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { consoleLines } from '../../harness/console-lines.ts';
import type { TestAgent } from '../../harness/test-agent.ts';
import type { TestSystem } from '../../harness/test-system.ts';
import { linkJournal } from '../journal-link.ts';
import type { SeededRandom } from '../seeded-random.ts';

export const END_KINDS = ['kill -9', 'hand over'] as const;

/** How the agent of one job ends in the middle of it. */
export interface EndPlan {
  readonly kind: (typeof END_KINDS)[number];
  /** After the job's first console line. */
  readonly afterMs: number;
}

export function planEnd(random: SeededRandom, index: number): EndPlan {
  return { kind: END_KINDS[index % END_KINDS.length] ?? 'kill -9', afterMs: random.integer(0, 2000) };
}

export interface ReattachOutcome {
  readonly plan: EndPlan;
  /** From the end of the old agent's work to the first thing that the new one has delivered. */
  readonly attachMs: number;
  readonly fault?: string;
}

export interface ReattachRun {
  readonly system: TestSystem;
  readonly agent: TestAgent;
  readonly pipeline: string;
  /** Each start of the task appends the pipeline's counter. */
  readonly counterFile: string;
  readonly plan: EndPlan;
  readonly seen: Set<string>;
  /** A new agent has so long to attach. */
  readonly attachLimitMs: number;
}

/** The task prints so many lines, one every 50 ms. */
const LINES = 120;
export const TASK = `i=0; while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done`;

const NEVER = new AbortController().signal;

export async function runReattachJob(run: ReattachRun): Promise<ReattachOutcome> {
  const { system, agent, pipeline, plan, seen, counterFile, attachLimitMs } = run;
  const linked = join(agent.home, `journal-${seen.size}.log`);
  let attachMs = Number.NaN;
  try {
    await system.waitForIdle(agent, { timeoutMs: 60_000 });
    const journal = linkJournal(agent.home, linked, seen);
    journal.catch(() => undefined);
    const counter = await system.trigger(pipeline);
    const { folder } = await journal;
    await systemClock.sleep(plan.afterMs, NEVER);
    attachMs = await endAgent(agent, plan, folder);
    const { result } = await system.waitForStage(pipeline, counter, 'only', { timeoutMs: 120_000 });
    const console = await system.console({ pipeline, counter, stage: 'only', job: 'prints' });
    const fault = faultOf({
      result,
      starts: count(await readFile(counterFile, 'utf8'), String(counter)),
      console,
      journal: await readFile(linked, 'utf8'),
      attachMs,
      attachLimitMs,
    });
    return { plan, attachMs, ...(fault === undefined ? {} : { fault }) };
  } catch (error) {
    return { plan, attachMs, fault: describeError(error) };
  } finally {
    await rm(linked, { force: true });
  }
}

/** @returns milliseconds from the signal until a new agent has noted a delivery */
async function endAgent(agent: TestAgent, { kind }: EndPlan, folder: string): Promise<number> {
  const pid = await waitFor(() => agent.lockedBy(), { describe: 'the agent to hold its lock' });
  const path = join(folder, JOURNAL.delivered);
  const noted = () => readFile(path, 'utf8').catch(() => '');
  const endedAt = systemClock.monotonic();
  process.kill(pid, kind === 'kill -9' ? 'SIGKILL' : HAND_OVER_SIGNAL);
  // An agent that hands over may still note what is under way.
  await waitFor(() => agent.lockedBy() !== pid || !isRunning(pid), { intervalMs: 2, describe: 'its end' });
  const before = await noted();
  await waitFor(async () => (await noted()) !== before, {
    timeoutMs: 60_000,
    intervalMs: 5,
    describe: 'a delivery by the next agent',
  });
  return systemClock.monotonic() - endedAt;
}

interface Seen {
  readonly result: string;
  readonly starts: number;
  readonly console: string;
  readonly journal: string;
  readonly attachMs: number;
  readonly attachLimitMs: number;
}

function faultOf({ result, starts, console, journal, attachMs, attachLimitMs }: Seen): string | undefined {
  if (result !== 'Passed') return `the job has ${result}`;
  if (starts !== 1) return `the task was started ${starts} times`;
  if (console !== journal) return 'the stored console is not that of the journal';
  const printed = consoleLines(console).filter(({ tag }) => tag === '&1');
  const wanted = Array.from({ length: LINES }, (_, i) => `line ${i + 1}`).join('\n');
  if (printed.map(({ text }) => text).join('\n') !== wanted) return 'the console is not complete';
  return attachMs > attachLimitMs ? `attached after ${Math.round(attachMs)} ms` : undefined;
}

function count(text: string, line: string): number {
  return text.split('\n').filter((one) => one === line).length;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
