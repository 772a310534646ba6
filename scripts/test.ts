// `npm test` and `npm run unit`: runs the suites and ends with `N passed, N failed[, N skipped]`, counted from the
// test runner's own JSON report. Further arguments go to vitest (`npm test -- launcher`); so does TEST_ONLY of the environment, for
// whoever starts the tests through something else, such as a pipeline.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installClients } from './install-clients.ts';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

installClients();
const args = process.argv.slice(2);
const unitOnly = args.includes('--unit');
const only = (process.env['TEST_ONLY'] ?? '').split(' ').filter((word) => word !== '');
const rest = [...args.filter((arg) => arg !== '--unit'), ...only];
const folder = mkdtempSync(join(tmpdir(), 'go-agent-report-'));
const file = join(folder, 'report.json');
const vitest = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
if (unitOnly) vitest.push('--project=unit');
const done = spawnSync('vitest', [...vitest, ...rest], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
let line = '0 passed, 1 failed';
try {
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  // A file that could not be loaded has no assertions of its own: it counts as one failure.
  const broken = report.testResults.filter(
    (r) => r.status === 'failed' && r.assertionResults.length === 0,
  ).length;
  const skipped = report.numPendingTests + report.numTodoTests;
  line = `${report.numPassedTests} passed, ${report.numFailedTests + broken} failed`;
  if (skipped > 0) line += `, ${skipped} skipped`;
} catch (error) {
  console.error(`The test runner wrote no report: ${String(error)}`);
}
rmSync(folder, { recursive: true, force: true });
console.log(line);
process.exitCode = done.status ?? 1;
