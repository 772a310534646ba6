import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { ensureBuilt } from '../../scripts/build.ts';
import { startServerStub } from '../../server-stub/src/index.ts';
import { runToEnd } from '../../test/src/harness/process.ts';
import { startSystem } from '../../test/src/harness/start-system.ts';
import { type ChainMember, chainOf, processorNs } from './agent-footprint-chain.ts';
import type { Bench } from './bench.ts';
import type { Row } from './report.ts';
import { summarise } from './statistics.ts';

const NEVER = new AbortController().signal;
/** Until what is only needed for the start is done, the new agent has proved itself, and memory was given back for the second time. */
const SETTLE_MS = 90_000;
const IDLE_MS = 60_000;
const READY = ['bootstrapper and launcher', 'agent', 'spare job host'] as const;
const RESTING = ['bootstrapper and launcher', 'agent'] as const;

interface IdleChain {
  readonly members: readonly ChainMember[];
  /** Of a core, in the members' order. */
  readonly percent: readonly number[];
}

/** What an agent with nothing to do takes of its machine, and how soon it asks for work. */
export const agentFootprint: Bench = {
  describe: 'memory and processor time of the whole idle chain; go-agent start to the first request for work',
  defaultRuns: 5,
  async run(runs, progress, scale = 1) {
    progress(`With a spare job host: ${((SETTLE_MS + IDLE_MS) * scale) / 1000} s of doing nothing`);
    const ready = await idleChain(READY, scale);
    progress('The same without');
    const resting = await idleChain(RESTING, scale, { GO_AGENT_SPARE_HOST_IDLE: '1s' });
    progress(`${runs} starts in a new home, and ${runs} in a home that was there`);
    const starts = await startTimes(runs);
    return {
      rows: [
        ...rowsOf('no job for long', resting),
        ...rowsOf('spare job host ready', ready),
        figure('go-agent start -> first get_work, new home', 'ms', ...starts.fresh),
        figure('go-agent start -> first get_work, later', 'ms', ...starts.later),
      ],
      notes: [
        'PSS is from /proc/<pid>/smaps_rollup: pages that processes share count in parts. The chain has a copy of node of its own, so only it shares that.',
        'Not in it: pages of node in the page cache that no process has mapped; the system takes those when it needs memory.',
        `Idle: ${(IDLE_MS * scale) / 1000} s at a server of ours, ${(SETTLE_MS * scale) / 1000} s after the agent was idle; processor time from /proc/<pid>/task/*/schedstat.`,
        'No job for long: as after spare-host-idle (10 min by default), which is set to 1 s here.',
        'The starts are at a server that answers at once and has no bundles.',
      ],
    };
  },
};

function figure(what: string, unit: string, ...values: number[]): Row {
  return { what, unit, summary: summarise(values) };
}

function rowsOf(state: string, { members, percent }: IdleChain): Row[] {
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  return [
    figure(`${state}: PSS, whole chain`, 'MiB', sum(members.map(({ pssMib }) => pssMib))),
    ...members.flatMap(({ name, pssMib, privateMib }) => [
      figure(`  ${name}: PSS`, 'MiB', pssMib),
      figure(`  ${name}: of that private`, 'MiB', privateMib),
    ]),
    figure(`${state}: processor, whole chain`, '% of a core', sum(percent)),
    ...members.map(({ name }, i) => figure(`  ${name}`, '% of a core', percent[i] ?? Number.NaN)),
  ];
}

async function idleChain(
  names: readonly string[],
  scale: number,
  agentEnv: NodeJS.ProcessEnv = {},
): Promise<IdleChain> {
  await using folder = await tempDir();
  // A copy: no other process has its pages in memory.
  const node = join(folder.path, 'node');
  await copyFile(process.execPath, node);
  const { goAgent } = await ensureBuilt();
  await using system = await startSystem({ agentCommand: [node, goAgent], agentEnv });
  const { process: bootstrapper } = await system.agent.status();
  const pid = bootstrapper?.pid ?? -1;
  await waitFor(() => chainOf(pid, names).length === names.length, { timeoutMs: 120_000 });
  await systemClock.sleep(SETTLE_MS * scale, NEVER);
  const before = chainOf(pid, names);
  const from = before.map((member) => processorNs(member.pid));
  const startedAt = performance.now();
  await systemClock.sleep(IDLE_MS * scale, NEVER);
  const tookMs = performance.now() - startedAt;
  const percent = before.map(
    (member, i) => ((processorNs(member.pid) - (from[i] ?? 0)) / 1e6 / tookMs) * 100,
  );
  const members = chainOf(pid, names);
  if (members.length !== names.length || members.some((member, i) => member.pid !== before[i]?.pid))
    throw new Error(
      `The processes of the chain are not those that they were: ${JSON.stringify([before, members])}`,
    );
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
        env: { PATH: process.env['PATH'], HOME: folder.path, LANG: 'C.UTF-8', TMPDIR: tmpdir() },
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
