import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDelivered } from '@go-agent/agent';
import { describeError, systemClock } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import type { TestSystem } from '../../harness/test-system.ts';
import { linkJournal } from '../journal-link.ts';
import { sha256OfConsole, sha256OfFile } from '../sha256.ts';
import { type FaultPlan, strike, type Victims } from './console-fault.ts';

export interface ConsoleOutcome {
  readonly plan: FaultPlan;
  /** How often the fault has struck: a job that is through before leaves some out. */
  readonly strikes: number;
  /** Length of the journal's console. */
  readonly bytes: number;
  readonly seconds: number;
  readonly fault?: string;
}

export interface ConsoleRun {
  readonly system: TestSystem;
  readonly victims: Victims;
  readonly plan: FaultPlan;
  readonly pipeline: string;
  /** What the task prints. */
  readonly outputBytes: number;
  /** Job ids of earlier runs. */
  readonly seen: Set<string>;
}

const OVER_MS = 300_000;

/** A file that the task waits for: its journal must be linked before it can be delivered. */
export function gateOf(folder: string, pipeline: string, counter: number | string): string {
  return join(folder, `${pipeline}-${counter}-may-print`);
}

/** One job under one plan, from its trigger to the comparison of both logs. */
export async function runConsoleJob(run: ConsoleRun): Promise<ConsoleOutcome> {
  const { system, victims, plan, pipeline, seen } = run;
  const linked = join(system.folder, `journal-${seen.size}.log`);
  const outcome = { plan, strikes: 0, bytes: 0, seconds: 0 };
  try {
    await system.waitForIdle(victims.agent, { timeoutMs: 60_000 });
    const journal = linkJournal(victims.agent.home, linked, seen);
    journal.catch(() => undefined);
    const startedAt = systemClock.monotonic();
    const counter = await system.trigger(pipeline);
    await journal.catch(() => undefined);
    await writeFile(gateOf(system.folder, pipeline, counter), '');
    outcome.strikes = await strikeAsPlanned(run, (await journal).folder);
    const job = { pipeline, counter, stage: 'only', job: 'prints' };
    const { result } = await system.waitForStage(pipeline, counter, 'only', { timeoutMs: OVER_MS });
    outcome.bytes = (await stat(linked)).size;
    outcome.seconds = (systemClock.monotonic() - startedAt) / 1000;
    if (result !== 'Passed') return { ...outcome, fault: `the job has ${result}` };
    const [wanted, stored] = [await sha256OfFile(linked), await sha256OfConsole(system, job)];
    if (outcome.bytes < run.outputBytes) return { ...outcome, fault: 'the journal lacks output' };
    return wanted === stored ? outcome : { ...outcome, fault: `SHA-256 ${stored} instead of ${wanted}` };
  } catch (error) {
    return { ...outcome, fault: describeError(error) };
  } finally {
    await rm(linked, { force: true });
    // Or 200 jobs would take 20 GB.
    await rm(join(system.server.data, 'artifacts', 'pipelines', pipeline), { recursive: true, force: true });
  }
}

/** @returns how often */
async function strikeAsPlanned({ victims, plan, outputBytes }: ConsoleRun, folder: string): Promise<number> {
  for (const [strikes, share] of plan.shares.entries()) {
    const moment = await waitFor(
      async () => {
        if (!(await exists(folder))) return 'over';
        return (await readDelivered(folder)).console >= share * outputBytes && 'now';
      },
      { timeoutMs: OVER_MS, intervalMs: 5, describe: `${share} of the console to be delivered` },
    );
    if (moment === 'over') return strikes;
    await strike(plan, victims);
  }
  return plan.shares.length;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
