import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { ensureBuilt } from '../../scripts/build.ts';
import { startServerStub } from '../../server-stub/src/index.ts';
import { runToEnd } from '../../test/src/harness/process.ts';
import { startSystem } from '../../test/src/harness/start-system.ts';
import { type ChainMember, chainOf, processorNs } from './agent-footprint-chain.ts';
import type { Bench } from './bench.ts';
import type { Row } from './report.ts';
import { summarise } from './statistics.ts';

const NEVER = new AbortController().signal;
/** Until what is only needed for the start is done, and its garbage is collected. */
const SETTLE_MS = 20_000;
const IDLE_MS = 60_000;
const MEMBERS = ['bootstrapper and launcher', 'agent', 'spare job host'] as const;

/** What an agent with nothing to do takes of its machine, and how soon it asks for work. */
export const agentFootprint: Bench = {
  describe: 'memory and processor time of the whole idle chain; go-agent start to the first request for work',
  defaultRuns: 5,
  async run(runs, progress, scale = 1) {
    const idle = await idleChain(progress, scale);
    progress(`${runs} starts in a new home, and ${runs} in a home that was there`);
    const starts = await startTimes(runs);
    const total = idle.members.reduce((sum, { pssMib }) => sum + pssMib, 0);
    const figure = (what: string, unit: string, ...values: number[]): Row => ({
      what,
      unit,
      summary: summarise(values),
    });
    return {
      rows: [
        figure('PSS, whole chain', 'MiB', total),
        ...idle.members.map(({ name, pssMib }) => figure(`  ${name}: PSS`, 'MiB', pssMib)),
        ...idle.members.map(({ name, privateMib }) =>
          figure(`  ${name}: of that private`, 'MiB', privateMib),
        ),
        figure(
          'processor, whole chain',
          '% of a core',
          idle.percent.reduce((sum, one) => sum + one, 0),
        ),
        ...idle.members.map(({ name }, i) =>
          figure(`  ${name}`, '% of a core', idle.percent[i] ?? Number.NaN),
        ),
        figure('go-agent start -> first get_work, new home', 'ms', ...starts.fresh),
        figure('go-agent start -> first get_work, later', 'ms', ...starts.later),
      ],
      notes: [
        'PSS is from /proc/<pid>/smaps_rollup: pages that processes share count in parts. The chain has a copy of node of its own, so only it shares that.',
        `Idle: ${(IDLE_MS * scale) / 1000} s at a server of ours, ${(SETTLE_MS * scale) / 1000} s after the agent was idle; processor time from /proc/<pid>/task/*/schedstat.`,
        'The starts are at a server that answers at once and has no bundles.',
      ],
    };
  },
};

async function idleChain(progress: (line: string) => void, scale: number) {
  await using folder = await tempDir();
  // A copy: no other process has its pages in memory.
  const node = join(folder.path, 'node');
  await copyFile(process.execPath, node);
  const { goAgent } = await ensureBuilt();
  await using system = await startSystem({ agentCommand: [node, goAgent] });
  await systemClock.sleep(SETTLE_MS * scale, NEVER);
  const { process: bootstrapper } = await system.agent.status();
  await systemClock.sleep(1000, NEVER);
  const before = chainOf(bootstrapper?.pid ?? -1, MEMBERS);
  const from = before.map(({ pid }) => processorNs(pid));
  const startedAt = performance.now();
  progress(`${(IDLE_MS * scale) / 1000} s of doing nothing`);
  await systemClock.sleep(IDLE_MS * scale, NEVER);
  const tookMs = performance.now() - startedAt;
  const percent = before.map(({ pid }, i) => ((processorNs(pid) - (from[i] ?? 0)) / 1e6 / tookMs) * 100);
  const members: readonly ChainMember[] = chainOf(bootstrapper?.pid ?? -1, MEMBERS);
  return { members, percent };
}

async function startTimes(runs: number): Promise<{ fresh: number[]; later: number[] }> {
  const { goAgent } = await ensureBuilt();
  const fresh: number[] = [];
  const later: number[] = [];
  for (let i = 0; i < runs; i++) {
    await using folder = await tempDir();
    const home = join(folder.path, 'home');
    const go = (...args: string[]) =>
      runToEnd(process.execPath, [goAgent, ...args, '--home', home], {
        cwd: folder.path,
        env: { PATH: process.env['PATH'], HOME: folder.path, LANG: 'C.UTF-8' },
      });
    for (const times of [fresh, later]) {
      await using stub = await startServerStub();
      const startedAt = performance.now();
      const asked = stub.received(({ endpoint }) => endpoint.endsWith('/get_work'), { timeoutMs: 30_000 });
      const started = go('start', '--server-url', stub.url);
      await asked;
      times.push(performance.now() - startedAt);
      await started;
      await go('stop', '--now');
    }
  }
  return { fresh, later };
}
