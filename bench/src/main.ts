// `npm run bench -- NAME [--runs N] [--polling-runs N] [--scale X] [--json FILE]`: one measurement; prints figures, judges nothing.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endOnInterrupt } from '../../test/src/harness/end-on-interrupt.ts';
import { agentFootprint } from './agent-footprint.ts';
import { artifacts } from './artifacts.ts';
import type { Bench } from './bench.ts';
import { cancel } from './cancel.ts';
import { consoleBench } from './console.ts';
import { dispatch } from './dispatch.ts';
import { elastic } from './elastic.ts';
import { recovery } from './recovery.ts';
import { describeMachine, formatReport, type Report } from './report.ts';

const benches: Readonly<Record<string, Bench>> = {
  'agent-footprint': agentFootprint,
  artifacts,
  cancel,
  console: consoleBench,
  dispatch,
  elastic,
  recovery,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    'polling-runs': { type: 'string' },
    scale: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const name = positionals[0] ?? '';
const bench = benches[name];
if (!bench || values.help) {
  console.log(
    'Usage: npm run bench -- NAME [--runs N] [--polling-runs N (dispatch)] [--scale X] [--json FILE]\nExample: npm run bench -- dispatch --runs 50\n',
  );
  for (const [key, { describe }] of Object.entries(benches)) console.log(`  ${key.padEnd(12)} ${describe}`);
  process.exit(values.help ? 0 : 2);
}
const runs = values.runs === undefined ? bench.defaultRuns : Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs is "${values.runs}". Give a whole number of at least 1.`);
  process.exit(2);
}
const polling = values['polling-runs'];
const pollingRuns = polling === undefined ? undefined : Number(polling);
if (pollingRuns !== undefined && !(Number.isInteger(pollingRuns) && pollingRuns >= 1)) {
  console.error(`--polling-runs is "${polling}". Give a whole number of at least 1.`);
  process.exit(2);
}
const scale = Number(values.scale);
if (!(scale > 0)) {
  console.error(`--scale is "${values.scale}". Give a number above 0; 1 is the real size.`);
  process.exit(2);
}
endOnInterrupt();
const result = await bench.run(runs, (line) => console.error(line), scale, pollingRuns);
const report: Report = {
  name,
  machine: describeMachine(),
  date: new Date().toISOString().slice(0, 10),
  ...result,
};
console.log(formatReport(report));
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
