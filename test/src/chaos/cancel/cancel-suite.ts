import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainmentChoice } from '@go-agent/agent';
import { tempDir, treeKinds } from '@go-agent/runtime/testing';
import { bundleModule } from '../../../../scripts/build-bundle.ts';
import { inLanes } from '../in-lanes.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { ChaosRun, ChaosSuite } from '../suite.ts';
import { cancelInChain } from './cancel-in-chain.ts';
import { cancelInHost } from './cancel-in-host.ts';
import { type CancelOutcome, cancelRows } from './cancel-outcome.ts';
import { treeMark } from './marked-tree.ts';

const GRACE_MS = 1000;
const LANES = 8;
/** One job of so many goes through server and agent, the others are a job host's alone. */
const CHAIN_SHARE = 25;
/** For so many jobs with the tightest containment, one is run again with sessions only. */
const SESSION_SHARE = 5;
const HOST = join(import.meta.dirname, '../../../../agent/src/job-host/main.ts');

/** Cancels jobs whose processes do what they can to outlive them. */
export const cancelSuite: ChaosSuite = {
  describe: 'cancelled jobs with all kinds of process trees: nothing is left one second after the grace',
  defaultRuns: 1000,
  async run(chaos) {
    const chainRuns = Math.ceil(chaos.runs / CHAIN_SHARE);
    const sessionRuns = Math.max(treeKinds.length, Math.round(chaos.runs / SESSION_SHARE));
    const best = await inHosts(chaos, 'best', chaos.runs - chainRuns, 0);
    const chain = await cancelInChain({ ...chaos, runs: chainRuns, graceMs: GRACE_MS });
    const session = await inHosts(chaos, 'session', sessionRuns, 100_000);
    for (const { kind, fault, survivors } of [...best, ...chain, ...session])
      for (const line of [fault, ...survivors]) if (line !== undefined) chaos.progress(`${kind}: ${line}`);
    const tight = (outcomes: readonly CancelOutcome[]) => outcomes.some(({ level }) => level === 'cgroup');
    return [
      ...cancelRows('job host', tight(best), best),
      ...cancelRows('whole chain', tight(chain), chain),
      ...cancelRows('job host, sessions only', false, session),
    ];
  },
};

async function inHosts(
  { random, progress, untimed = false }: ChaosRun,
  level: ContainmentChoice,
  runs: number,
  firstMark: number,
): Promise<CancelOutcome[]> {
  await using folder = await tempDir();
  const entry = join(folder.path, 'job-host.mjs');
  await writeFile(entry, await bundleModule(HOST, 'chaos'));
  const moments = Array.from({ length: runs }, () => momentOf(random));
  let done = 0;
  return await inLanes(runs, LANES, async (index) => {
    const kind = treeKinds[index % treeKinds.length];
    const moment = moments[index];
    if (kind === undefined || moment === undefined) throw new RangeError(`no run ${index}`);
    const outcome = await cancelInHost({
      entry,
      home: join(folder.path, String(index)),
      index,
      kind,
      mark: treeMark(firstMark + index),
      level,
      graceMs: GRACE_MS,
      untimed,
      ...moment,
    });
    done += 1;
    if (done % 50 === 0) progress(`${level}: ${done}/${runs}`);
    return outcome;
  });
}

/** Mostly when the tree stands, and now and then while it grows, or in the few milliseconds in which its task is started. */
function momentOf(random: SeededRandom): { readonly moment: 'ready' | 'early'; readonly pauseMs: number } {
  return random.next() < 0.75
    ? { moment: 'ready', pauseMs: random.integer(0, 200) }
    : { moment: 'early', pauseMs: random.integer(0, random.pick([10, 50, 400])) };
}
