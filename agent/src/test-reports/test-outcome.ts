export type TestOutcome = 'passed' | 'failed' | 'errors' | 'skipped';

const NUNIT_RESULTS: Readonly<Record<string, TestOutcome>> = {
  passed: 'passed',
  success: 'passed',
  warning: 'passed',
  failed: 'failed',
  failure: 'failed',
  error: 'errors',
  notrunnable: 'errors',
  invalid: 'errors',
  cancelled: 'errors',
  skipped: 'skipped',
  ignored: 'skipped',
  inconclusive: 'skipped',
};

/** The outcome of NUnit's <test-case>: version 2 tells by `result` or `executed` and `success`, version 3 by `result` and `label`. */
export function nunitOutcome(attributes: ReadonlyMap<string, string>): TestOutcome {
  const lower = (key: string) => attributes.get(key)?.toLowerCase() ?? '';
  const outcome = NUNIT_RESULTS[lower('result')];
  if (outcome === 'failed') return NUNIT_RESULTS[lower('label')] === 'errors' ? 'errors' : 'failed';
  if (outcome) return outcome;
  if (lower('executed') === 'false') return 'skipped';
  return lower('success') === 'false' ? 'failed' : 'passed';
}

/** The outcome that an element inside of JUnit's <testcase> stands for. A failure that a retry made good is none. */
export function junitOutcome(element: string): TestOutcome | undefined {
  switch (element) {
    case 'failure':
      return 'failed';
    case 'error':
      return 'errors';
    case 'skipped':
      return 'skipped';
    default:
      return undefined;
  }
}

/** Seconds of a `time` or `duration`; some tools group the digits. */
export function parseSeconds(text: string | undefined): number {
  const seconds = Number((text ?? '').replaceAll(',', ''));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
