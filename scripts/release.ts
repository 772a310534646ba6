// `npm run release -- --help`: signed releases of what a server offers to its agents.
import { describeError } from '@go-agent/runtime/core';
import { HELP, readReleaseCommand } from './release/release-options.ts';
import { runRelease } from './release/run-release.ts';

async function main(args: readonly string[], now: number): Promise<number> {
  const { action, keys, json } = readReleaseCommand(args);
  if (action.type === 'help') {
    console.log(HELP);
    return 0;
  }
  if (action.type === 'usage') {
    console.error(`${action.problem}\nnpm run release -- --help shows all of it.`);
    return 2;
  }
  try {
    const result = await runRelease(action, keys, now);
    console.log(json ? JSON.stringify(result, null, 2) : result.done);
    return 0;
  } catch (error) {
    console.error(`Nothing was released: ${describeError(error)}`);
    return 1;
  }
}

const { SOURCE_DATE_EPOCH: epoch } = process.env;
process.exitCode = await main(
  process.argv.slice(2),
  epoch === undefined ? Date.now() : Number(epoch) * 1_000,
);
