/** What the test reports of a job say, in all. Plain data: it is sent to the server as JSON. */
export interface ReportSummary {
  /** Files that were recognised and read to their end. */
  readonly files: number;
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  /** Tests that ended in an error instead of an answer. */
  readonly errors: number;
  readonly skipped: number;
  /** Sum over the tests, so more than the wall clock's where they ran at the same time. */
  readonly seconds: number;
  /** The first ones, at most MOST_FAILURES. */
  readonly failures: readonly TestFailure[];
  readonly failuresLeftOut: number;
  readonly unreadable: readonly UnreadableReport[];
}

export interface TestFailure {
  readonly kind: 'failure' | 'error';
  readonly file: string;
  /** Class, package or suite; may be empty. */
  readonly suite: string;
  readonly name: string;
  /** At most LONGEST_MESSAGE characters. */
  readonly message: string;
}

interface UnreadableReport {
  readonly file: string;
  readonly reason: string;
}

export const MOST_FAILURES = 500;
export const LONGEST_MESSAGE = 4000;
/** Of a suite or a test. */
export const LONGEST_NAME = 500;

export const EMPTY_SUMMARY: ReportSummary = {
  files: 0,
  tests: 0,
  passed: 0,
  failed: 0,
  errors: 0,
  skipped: 0,
  seconds: 0,
  failures: [],
  failuresLeftOut: 0,
  unreadable: [],
};

export function addSummaries(one: ReportSummary, other: ReportSummary): ReportSummary {
  const failures = [...one.failures, ...other.failures];
  return {
    files: one.files + other.files,
    tests: one.tests + other.tests,
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    errors: one.errors + other.errors,
    skipped: one.skipped + other.skipped,
    seconds: Math.round((one.seconds + other.seconds) * 1e6) / 1e6,
    failures: failures.slice(0, MOST_FAILURES),
    failuresLeftOut:
      one.failuresLeftOut + other.failuresLeftOut + Math.max(0, failures.length - MOST_FAILURES),
    unreadable: [...one.unreadable, ...other.unreadable],
  };
}
