import { ElasticWorld, type Happening, interleave } from '@go-agent/server/elastic-testing';
import type { ChaosRow, ChaosRun, ChaosSuite } from '../suite.ts';

const STEPS = 25;
/** A new database now and then, so that it does not grow for ever. */
const RUNS_PER_WORLD = 50;

/** The broker on a real database, with a scripted plugin and simulated agents, on a clock that stands still. */
export const elasticSuite: ChaosSuite = {
  describe:
    'jobs, elastic agents, plugin crashes, moving clusters, server restarts in any order: no job killed, no agent left',
  defaultRuns: 1000,
  async run(chaos) {
    const tried = new Map<Happening, number>();
    const faults: string[] = [];
    for (let done = 0; done < chaos.runs; done += RUNS_PER_WORLD)
      faults.push(...(await runWorld(chaos, done, Math.min(RUNS_PER_WORLD, chaos.runs - done), tried)));
    return [
      { what: 'interleavings', tried: chaos.runs, broke: faults.length },
      ...kindsOf(faults),
      ...[...tried]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([what, count]): ChaosRow => ({ what, tried: count, broke: 0 })),
    ];
  },
};

async function runWorld(
  chaos: ChaosRun,
  first: number,
  runs: number,
  tried: Map<Happening, number>,
): Promise<string[]> {
  const faults: string[] = [];
  let world = await ElasticWorld.open();
  try {
    for (let run = first; run < first + runs; run++) {
      const happened = await interleave(world, chaos.random.fork(), STEPS);
      for (const what of happened) tried.set(what, (tried.get(what) ?? 0) + 1);
      if (world.faults.length > 0) {
        faults.push(world.faults[0] ?? '');
        chaos.progress(`${run + 1}: ${happened.join(', ')}: ${world.faults.join('; ')}`);
        await world[Symbol.asyncDispose]();
        world = await ElasticWorld.open();
      } else if ((run + 1) % 25 === 0) chaos.progress(`${run + 1}/${chaos.runs}`);
    }
  } finally {
    await world[Symbol.asyncDispose]();
  }
  return faults;
}

/** What must never be. */
function kindsOf(faults: readonly string[]): ChaosRow[] {
  const count = (pattern: RegExp) => faults.filter((fault) => pattern.test(fault)).length;
  return [
    { what: 'jobs killed by scale-down', tried: 0, broke: count(/was ended while|on its way out while/) },
    {
      what: 'agents left past their limit',
      tried: 0,
      broke: count(/^left:|are allowed|more than it may|stays although/),
    },
    { what: 'jobs waiting without a reason', tried: 0, broke: count(/waits|failed without a reason/) },
    {
      what: 'jobs or keys used twice or by others',
      tried: 0,
      broke: count(/has two jobs|good twice|was given to/),
    },
  ];
}
