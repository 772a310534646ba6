import { randomInt } from 'node:crypto';
import { SeededRandom } from './seeded-random.ts';
import type { ChaosRow, ChaosRun, ChaosSuite } from './suite.ts';

/**
 * Runs a suite with few runs and a new seed, beside other tests.
 * @throws Error with the seed and all that was said, if anything broke
 */
export async function runShort(
  suite: ChaosSuite,
  options: Pick<ChaosRun, 'runs' | 'megabytes'>,
): Promise<readonly ChaosRow[]> {
  const seed = randomInt(2 ** 31);
  const said: string[] = [];
  const rows = await suite.run({
    ...options,
    untimed: true,
    seed,
    random: new SeededRandom(seed),
    progress: (line) => said.push(line),
  });
  const broken = rows.filter(({ broke }) => broke > 0);
  if (broken.length === 0) return rows;
  throw new Error(
    `Broke with seed ${seed}: ${broken.map(({ what }) => what).join('; ')}\n${said.join('\n')}`,
  );
}
