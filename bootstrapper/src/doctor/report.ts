import type { Result } from './check.ts';
import type { Finding } from './run-checks.ts';

const RESULTS: readonly Result[] = ['ok', 'warn', 'fail', 'skipped'];

export function countResults(findings: readonly Finding[]): Readonly<Record<Result, number>> {
  const count = (result: Result) => findings.filter((finding) => finding.result === result).length;
  return { ok: count('ok'), warn: count('warn'), fail: count('fail'), skipped: count('skipped') };
}

/** For a person: what was found, the remedy below it, and a sum. */
export function reportLines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(RESULT_WIDTH + width + 2);
  const counts = countResults(findings);
  return [
    ...findings.flatMap(({ result, check, saw, remedy }) => [
      `${result.padEnd(RESULT_WIDTH)}${check.padEnd(width)}  ${saw}`,
      ...(remedy === undefined ? [] : [`${indent}Remedy: ${remedy}`]),
    ]),
    '',
    RESULTS.map((result) => `${counts[result]} ${result}`).join(', '),
  ];
}

const RESULT_WIDTH = 9;
