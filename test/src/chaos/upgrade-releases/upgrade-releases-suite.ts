import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryRelease } from '@go-agent/release/testing';
import { hashFile } from '@go-agent/runtime/core';
import { startServerStub } from '@go-agent/server-stub';
import { ensureBuilt } from '../../../../scripts/build.ts';
import type { BuiltBundle } from '../../../../scripts/build-bundle.ts';
import { endLeftovers } from '../../harness/end-leftovers.ts';
import { TestAgent } from '../../harness/test-agent.ts';
import { inLanes } from '../in-lanes.ts';
import type { ChaosRow, ChaosRun, ChaosSuite } from '../suite.ts';
import { type BadRelease, FAULTS, makeBadRelease, makeGoodRelease, type Part } from './bad-releases.ts';
import { type TrialOutcome, TriedAgent } from './tried-agent.ts';

const LANES = 4;
const PARTS: readonly Part[] = ['agent', 'launcher'];
/** 60 s in production. All limits of a trial follow it, so the faults come as much earlier. */
const PROBATION_MS = 8_000;
/** A launcher that never has an agent accepted has five probations; and the machine may be busy. */
const PATIENCE_MS = 25 * PROBATION_MS;
const BACK_MS = 30_000;

/** Every way to be impatient, so that an agent sees soon what is offered. */
const QUICK = ['work-wait=500ms', 'work-backoff=200ms', 'work-backoff-max=500ms', 'ping-interval=500ms'];

interface Tried {
  readonly release: BadRelease;
  readonly outcome: TrialOutcome;
}

/** Signed releases that do not work, offered to real agents of which none may be lost. */
export const upgradeReleasesSuite: ChaosSuite = {
  describe: 'signed releases that fail in five ways: each agent is back on the last good one, none is lost',
  defaultRuns: 100,
  async run(chaos) {
    const folder = await mkdtemp(join(tmpdir(), 'upgrade-releases-'));
    try {
      return await tryAll(chaos, folder);
    } finally {
      await endLeftovers(folder);
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function tryAll(chaos: ChaosRun, folder: string): Promise<ChaosRow[]> {
  const built = await ensureBuilt();
  const release = new MemoryRelease();
  const goAgent = join(folder, 'go-agent');
  await cp(join(built.dist, 'go-agent'), goAgent, { recursive: true });
  const carried = join(goAgent, 'bundles');
  await writeFile(join(carried, 'root.json'), release.newestRoot);
  const genuine = { agent: join(carried, 'agent.zip'), launcher: join(carried, 'agent-launcher.zip') };
  await using resources = new AsyncDisposableStack();
  const lanes = Array.from({ length: Math.min(LANES, chaos.runs) }, () => startAgent());
  const agents = await Promise.all(lanes);
  chaos.progress(`${agents.length} agents have proved themselves`);

  const offset = chaos.random.integer(0, FAULTS.length * PARTS.length - 1);
  const tried = await inLanes(chaos.runs, agents.length, async (index, lane): Promise<Tried> => {
    const bad = plan(index + offset, index);
    const zip = makeBadRelease(bad, genuine[bad.part], folder);
    const agent = agents[lane];
    if (agent === undefined) throw new RangeError(`no agent ${lane}`);
    const before = (await agent.agent.status()).process?.pid;
    const suffered = await agent.tried.suffer(bad.part, zip);
    const after = (await agent.agent.status()).process?.pid;
    // Where a launcher fills its heap, the bootstrapper may end with it and come back; nothing else may end it.
    const mayEnd = bad.part === 'launcher' && bad.fault === 'eats memory';
    const hasEnded = after === undefined || (after !== before && !mayEnd);
    const outcome = hasEnded ? { ...suffered, fault: 'its bootstrapper has ended' } : suffered;
    await rm(zip.file);
    const { verdictMs, backMs, reason, fault } = outcome;
    const times = `verdict after ${Math.round(verdictMs)} ms, back after ${Math.round(backMs)} ms`;
    chaos.progress(
      `${index + 1}/${chaos.runs} ${bad.part}, ${bad.fault}: ${times}: ${fault ?? reason ?? ''}`,
    );
    return { release: bad, outcome };
  });
  return [...rowsOf(tried), await lastRow()];

  async function bundleOf(part: Part): Promise<BuiltBundle> {
    return { file: genuine[part], md5: await hashFile(genuine[part], 'md5') };
  }

  async function startAgent() {
    const stub = resources.use(await startServerStub());
    const home = join(folder, `home-${stub.url.replace(/\D/g, '')}`);
    await mkdir(home);
    const set = [`probation=${PROBATION_MS}ms`, 'agent-memory-limit=400M', ...QUICK];
    const agent = resources.use(
      new TestAgent({
        home,
        command: [process.execPath, join(goAgent, 'go-agent.mjs')],
        serverUrl: stub.url,
        env: { PATH: process.env['PATH'], HOME: home, TMPDIR: tmpdir() },
        args: set.flatMap((pair) => ['--set', pair]),
      }),
    );
    await agent.start();
    const good = { agent: await bundleOf('agent'), launcher: await bundleOf('launcher') };
    const limits = { patienceMs: PATIENCE_MS, backLimitMs: chaos.untimed === true ? Infinity : BACK_MS };
    const tried = new TriedAgent({ agent, stub, release, good, ...limits });
    await tried.settle();
    return { tried, agent, home };
  }

  /** In the end each agent takes a good release, and has kept little. */
  async function lastRow(): Promise<ChaosRow> {
    const next = makeGoodRelease(genuine.agent, folder);
    const faults = await Promise.all(
      agents.map(async ({ tried, agent, home }) => {
        const { running } = await agent.status();
        const fault = running ? await tried.take(next) : 'its bootstrapper has ended';
        const kept = (await readdir(join(home, 'data', 'agent'))).length;
        if (fault !== undefined || kept > 2) chaos.progress(`lost: ${fault ?? `${kept} versions kept`}`);
        return fault !== undefined || kept > 2;
      }),
    );
    return {
      what: 'agents that take a good release in the end',
      tried: agents.length,
      broke: faults.filter(Boolean).length,
    };
  }
}

/** In turn, so that a short run has something of each part. */
function plan(turn: number, number: number): BadRelease {
  const part = PARTS[turn % PARTS.length] ?? 'agent';
  const fault = FAULTS[turn % FAULTS.length] ?? 'exit 1';
  const variant = Math.floor(turn / (PARTS.length * FAULTS.length));
  return { part, fault, number, variant, probationMs: PROBATION_MS };
}

function rowsOf(tried: readonly Tried[]): ChaosRow[] {
  return PARTS.flatMap((part) =>
    FAULTS.map((fault): ChaosRow => {
      const own = tried.filter(({ release }) => release.part === part && release.fault === fault);
      const slowest = (key: 'verdictMs' | 'backMs') =>
        own.length === 0 ? '' : Math.round(Math.max(...own.map(({ outcome }) => outcome[key])));
      return {
        what: `${part}: ${fault}`,
        tried: own.length,
        broke: own.filter(({ outcome }) => outcome.fault !== undefined).length,
        figures: { 'verdict max ms': slowest('verdictMs'), 'back max ms': slowest('backMs') },
      };
    }),
  );
}
