import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inLanes } from '../in-lanes.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { ChaosRow, ChaosRun, ChaosSuite } from '../suite.ts';
import { type Attack, type AttackKind, NAMES } from './attack.ts';
import { bundleAttacks } from './bundle-attacks.ts';
import { metadataAttacks } from './metadata-attacks.ts';
import { replayAttacks } from './replay-attacks.ts';
import { signerAttacks } from './signer-attacks.ts';
import { Victim } from './victim.ts';
import { makeWorld, type World } from './world.ts';
import { zipAttacks } from './zip-attacks.ts';

const LANES = 2;
/** Of so many attacks, one meets a whole launch with an agent process; no divisor of the number of kinds, so that each kind does. */
const WHOLE_EVERY = 41;
const SLOW = 'zip: too many files';
const GENUINE = 'genuine releases (not refused)';
const kinds = Object.entries<AttackKind>({
  ...bundleAttacks,
  ...metadataAttacks,
  ...signerAttacks,
  ...replayAttacks,
  ...zipAttacks,
});

/** Mutated releases and metadata, through the launcher's own code and a real server. */
export const upgradeMutationsSuite: ChaosSuite = {
  describe: 'mutated releases and metadata: all are refused before anything runs, what runs is unharmed',
  defaultRuns: 10_000,
  async run(chaos) {
    const folder = await mkdtemp(join(tmpdir(), 'upgrade-mutations-'));
    try {
      return await attackAll(chaos, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function attackAll(chaos: ChaosRun, folder: string): Promise<ChaosRow[]> {
  await using resources = new AsyncDisposableStack();
  const world = makeWorld(chaos.random);
  const victims: Victim[] = [];
  for (let lane = 0; lane < LANES; lane++) {
    const own = join(folder, String(lane));
    await mkdir(own);
    victims.push(resources.use(await Victim.settle(own, world)));
  }
  // Made one by one, since some are big; from sources of their own, whatever the order.
  const sources = Array.from({ length: chaos.runs }, () => chaos.random.fork());
  let peakBytes = 0;
  const outcomes = await inLanes(chaos.runs, LANES, async (index, lane) => {
    const { kind, attack, whole } = plan(world, sources[index] ?? chaos.random, index);
    const verdict = await victims[lane]?.suffer(attack, whole);
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    const broke = verdict?.type !== 'unharmed';
    if (broke) chaos.progress(`${index} ${kind}: ${attack.what}: ${verdict?.how ?? 'nobody was there'}`);
    if ((index + 1) % 500 === 0) chaos.progress(`${index + 1}/${chaos.runs}`);
    const blamed = verdict?.type === 'unharmed' && verdict.reason === undefined;
    return { kind, whole, broke, blamed };
  });
  const [first] = victims;
  const accepted = first === undefined ? 0 : await genuineOnes(world, first);
  return [
    ...kinds.map(([kind]) => {
      const own = outcomes.filter((outcome) => outcome.kind === kind);
      return {
        what: kind,
        tried: own.length,
        broke: own.filter(({ broke }) => broke).length,
        figures: {
          'server to blame': own.filter(({ blamed }) => blamed).length,
          'with an agent process': own.filter(({ whole }) => whole).length,
        },
      };
    }),
    {
      what: GENUINE,
      tried: NAMES.length,
      broke: NAMES.length - accepted,
      figures: { 'peak MB of the process': Math.round(peakBytes / 1e6) },
    },
  ];
}

/** Each kind in turn, so that a short run has them all; in a long one, less often those that take long to make. */
function plan(world: World, random: SeededRandom, index: number) {
  const round = Math.floor(index / kinds.length);
  const turn = kinds[index % kinds.length]?.[0] === SLOW && round > 4 && round % 10 !== 0 ? index + 1 : index;
  const [kind, make] = kinds[turn % kinds.length] ?? ['none', () => undefined];
  for (let times = 0; times < 1_000; times++) {
    const attack = make(world, random);
    if (attack) return { kind, attack, whole: index % WHOLE_EVERY === WHOLE_EVERY - 1 };
  }
  throw new Error(`No attack of kind "${kind}" is harmful`);
}

/** If these were refused too, the rest would prove nothing. Resolves to how many were not. */
async function genuineOnes(world: World, victim: Victim): Promise<number> {
  let accepted = 0;
  for (const name of NAMES) {
    const attack: Attack = { what: name, trust: world.newest, offers: [world.next[name]] };
    if ((await victim.suffer(attack, false)).type === 'broke') accepted++;
  }
  return accepted;
}
