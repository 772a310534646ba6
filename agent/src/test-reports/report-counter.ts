import {
  LONGEST_MESSAGE,
  LONGEST_NAME,
  MOST_FAILURES,
  type ReportSummary,
  type TestFailure,
} from './report-summary.ts';
import { junitOutcome, nunitOutcome, parseSeconds, type TestOutcome } from './test-outcome.ts';
import type { XmlHandler } from './xml-tokens.ts';

interface RunningTest {
  readonly element: 'testcase' | 'test-case';
  readonly suite: string;
  readonly name: string;
  outcome: TestOutcome;
  message: string;
}

/** Takes secrets out of text: a masker of one stream. Each text is a stream of its own. */
export interface ReportMasker {
  write(chunk: Uint8Array): Buffer;
  flush(): Buffer;
}

/** More than is kept, so that a repetition at its beginning may go. */
const LONGEST_TOLD = LONGEST_MESSAGE * 2;

const SUITES = new Set(['testsuite', 'test-suite', 'test-results', 'test-run']);
/** One of these makes a file a report. GoCD knows the first two; NUnit 3 has the third. */
const REPORTS = new Set(['test-results', 'testsuite', 'test-run']);
/** An empty list of suites is a report, too: of no tests. */
const EMPTY_REPORT = 'testsuites';
/** Elements inside of a failed test whose text tells why. */
const TELLING = new Set(['failure', 'error', 'message', 'stack-trace']);

/** Counts the tests of one report by its test cases: the totals that tools write on suites are not to be trusted. */
export class ReportCounter implements XmlHandler {
  readonly #file: string;
  readonly #masker: ReportMasker;
  readonly #counts = { passed: 0, failed: 0, errors: 0, skipped: 0 };
  readonly #failures: TestFailure[] = [];
  readonly #suites: string[] = [];
  #seconds = 0;
  #failuresLeftOut = 0;
  #test: RunningTest | undefined;
  #listening = 0;
  #recognised = false;

  /** @param masker for all that is kept of what tests said */
  constructor(file: string, masker: ReportMasker) {
    this.#file = file;
    this.#masker = masker;
  }

  get recognised(): boolean {
    return this.#recognised;
  }

  summary(): ReportSummary {
    const { passed, failed, errors, skipped } = this.#counts;
    return {
      files: 1,
      tests: passed + failed + errors + skipped,
      ...this.#counts,
      seconds: this.#seconds,
      failures: this.#failures,
      failuresLeftOut: this.#failuresLeftOut,
      unreadable: [],
    };
  }

  open(name: string, attributes: () => ReadonlyMap<string, string>): void {
    if (REPORTS.has(name) || name === EMPTY_REPORT) this.#recognised = true;
    if (SUITES.has(name)) this.#suites.push(attributes().get('name') ?? '');
    else if (name === 'testcase' || name === 'test-case') this.#begin(name, attributes());
    else if (this.#test) this.#inside(this.#test, name, attributes);
  }

  close(name: string): void {
    if (SUITES.has(name)) this.#suites.pop();
    else if (name === this.#test?.element) this.#finish(this.#test);
    else if (this.#test && TELLING.has(name)) this.#listening--;
  }

  text(piece: string): void {
    const test = this.#test;
    if (test && this.#listening > 0 && (test.message !== '' || piece.trim() !== '')) this.#tell(test, piece);
  }

  #begin(element: RunningTest['element'], attributes: ReadonlyMap<string, string>): void {
    const suite = attributes.get('classname') ?? this.#suites.at(-1) ?? '';
    const name = attributes.get('fullname') ?? attributes.get('name') ?? '';
    const outcome = element === 'test-case' ? nunitOutcome(attributes) : 'passed';
    this.#test = {
      element,
      suite: kept(this.#masked(suite), LONGEST_NAME),
      name: kept(this.#masked(name), LONGEST_NAME),
      outcome,
      message: '',
    };
    this.#listening = 0;
    this.#masker.flush();
    this.#seconds += parseSeconds(attributes.get('time') ?? attributes.get('duration'));
  }

  #inside(test: RunningTest, name: string, attributes: () => ReadonlyMap<string, string>): void {
    const outcome = test.element === 'testcase' ? junitOutcome(name) : undefined;
    // The worst counts: a test may fail, and its tear-down end in an error.
    if (outcome && test.outcome !== 'errors' && (test.outcome !== 'failed' || outcome === 'errors'))
      test.outcome = outcome;
    if (!TELLING.has(name)) return;
    this.#listening++;
    const message = test.element === 'testcase' ? attributes().get('message') : undefined;
    if (test.message !== '') this.#tell(test, '\n');
    if (message) this.#tell(test, `${message}\n`);
  }

  #tell(test: RunningTest, text: string): void {
    if (test.message.length >= LONGEST_TOLD) return;
    test.message += this.#masker.write(Buffer.from(text)).toString();
  }

  #masked(text: string): string {
    const begun = this.#masker.write(Buffer.from(text)).toString();
    return begun + this.#masker.flush().toString();
  }

  #finish(test: RunningTest): void {
    this.#test = undefined;
    // What the masker holds back of a text that is cut off anyway may be the beginning of a secret.
    const end = this.#masker.flush().toString();
    const whole = test.message.length < LONGEST_TOLD ? test.message + end : test.message;
    this.#counts[test.outcome]++;
    if (test.outcome !== 'failed' && test.outcome !== 'errors') return;
    if (this.#failures.length >= MOST_FAILURES) {
      this.#failuresLeftOut++;
      return;
    }
    const kind = test.outcome === 'errors' ? 'error' : 'failure';
    const message = kept(withoutRepeat(whole).trim(), LONGEST_MESSAGE);
    this.#failures.push({ kind, file: this.#file, suite: test.suite, name: test.name, message });
  }
}

/** Many tools write the message as an attribute and again as the beginning of the text. */
function withoutRepeat(message: string): string {
  const end = message.indexOf('\n');
  const first = message.slice(0, end);
  const rest = message.slice(end + 1).trimStart();
  return end > 0 && rest.startsWith(first) ? rest : message;
}

/** A copy, for a piece of a string keeps the whole in memory. */
function kept(text: string, longest: number): string {
  return Buffer.from(text.length > longest ? `${text.slice(0, longest - 1)}…` : text).toString();
}
