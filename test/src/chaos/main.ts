// `npm run chaos -- NAME [--seed N] [--runs N] [--megabytes N]`: one seeded fault suite. Prints the seed first, then what was tried
// and what broke; exit status 1 if anything did.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { endOnInterrupt } from '../harness/end-on-interrupt.ts';
import { formatRows } from './format-rows.ts';
import { SeededRandom } from './seeded-random.ts';
import { suites } from './suites.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    runs: { type: 'string' },
    megabytes: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const name = positionals[0] ?? '';
const suite = suites[name];
if (!suite || values.help) {
  console.log(
    'Usage: npm run chaos -- NAME [--seed N] [--runs N] [--megabytes N]\nExample: npm run chaos -- cancel --runs 80\n',
  );
  for (const [key, { describe }] of Object.entries(suites)) console.log(`  ${key.padEnd(12)} ${describe}`);
  process.exit(values.help ? 0 : 2);
}
const seed = wholeNumber('seed', values.seed, randomInt(2 ** 31));
const runs = wholeNumber('runs', values.runs, suite.defaultRuns);
console.log(`${name}: seed ${seed}, ${runs} runs`);
endOnInterrupt();
const rows = await suite.run({
  runs,
  seed,
  random: new SeededRandom(seed),
  ...(values.megabytes === undefined ? {} : { megabytes: wholeNumber('megabytes', values.megabytes, 0) }),
  progress: (line) => console.error(line),
});
console.log(formatRows(rows));
const broke = rows.reduce((sum, row) => sum + row.broke, 0);
if (broke > 0) console.log(`${broke} broke. Again: npm run chaos -- ${name} --seed ${seed} --runs ${runs}`);
process.exitCode = broke > 0 ? 1 : 0;

function wholeNumber(option: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${option} is "${text}". Give a whole number.`);
  process.exit(2);
}
