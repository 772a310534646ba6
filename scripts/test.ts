// `npm test` and `npm run unit`: runs the suites and ends with `N passed, N failed[, N skipped]`, counted from the
// test runner's own JSON reports. Further arguments go to vitest (`npm test -- launcher`); so does TEST_ONLY of the environment, for
// whoever starts the tests through something else, such as a pipeline.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOnInterrupt } from '../test/src/harness/end-on-interrupt.ts';
import { ensureBuilt } from './build.ts';
import { installClients } from './install-clients.ts';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const HELP = `Runs the unit tests and, beside them, the end-to-end tests; ends with "N passed, N failed".

Usage: npm test [-- PATTERN … | OPTION OF VITEST …]     npm run unit: without the end-to-end tests

  PATTERN              only files with this in their path
  -t TEXT              only tests with this in their name
  TEST_INSTALL=apt     installs what tests need of Debian's packages first (as root)
  TEST_ONLY="…"        further arguments, from the environment

Example: npm test -- launcher -t rollback`;
if (process.argv.includes('--help')) {
  console.log(HELP);
  process.exit(0);
}
installClients();
// Once, before many want it at the same time.
await ensureBuilt();
const args = process.argv.slice(2);
const only = (process.env['TEST_ONLY'] ?? '').split(' ').filter((word) => word !== '');
const rest = [...args.filter((arg) => arg !== '--unit'), ...only];
// What tests kill cannot clear up: all that they leave among the temporary files goes with this folder.
endOnInterrupt();
// Side by side: the end-to-end tests mostly wait, one file after the other.
const projects = args.includes('--unit') ? ['unit'] : ['unit', 'e2e'];
const done = await Promise.all(projects.map(runProject));
const sum = (of: (counts: Counts) => number) => done.reduce((total, counts) => total + of(counts), 0);
const passed = sum((counts) => counts.passed);
const skipped = sum((counts) => counts.skipped);
// A pattern that no test has in its name is a mistake, not a success.
const failed = sum((counts) => counts.failed) + (passed + skipped === 0 ? 1 : 0);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

async function runProject(project: string): Promise<Counts> {
  const file = join(tmpdir(), `${project}.json`);
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const child = spawn('vitest', ['run', ...report, `--project=${project}`, '--passWithNoTests', ...rest], {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  try {
    const counts = countsOf(JSON.parse(readFileSync(file, 'utf8')) as Report);
    // The runner may fail with no test that has, for instance over an error between two tests.
    return status === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } catch (error) {
    if (status === 0) return { passed: 0, failed: 0, skipped: 0 };
    console.error(`The test runner wrote no report for ${project}: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function countsOf(report: Report): Counts {
  // A file that could not be loaded has no assertions of its own: it counts as one failure.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
