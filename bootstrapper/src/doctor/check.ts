import type { Subject } from './subject.ts';

/** `skipped`: there was nothing to look at, or it could not be looked at. */
export type Result = 'ok' | 'warn' | 'fail' | 'skipped';

/** What a check found. */
export interface Verdict {
  readonly result: Result;
  /** A sentence, in the present tense. */
  readonly saw: string;
  /** What to do about it; always there with `warn` and `fail`. */
  readonly remedy?: string;
}

/** One thing that is looked at. Several run at the same time; none may depend on another. */
export interface Check {
  /** In kebab case. */
  readonly name: string;
  /** What it looks at, in half a sentence. */
  readonly about: string;
  run(subject: Subject, signal: AbortSignal): Promise<Verdict>;
}

export interface CheckParts<Facts> {
  readonly name: string;
  readonly about: string;
  /** The only part with effects; it leaves everything as it was. */
  readonly look: (subject: Subject, signal: AbortSignal) => Promise<Facts>;
  /** Pure. */
  readonly judge: (facts: Facts, subject: Subject) => Verdict;
}

export function check<Facts>({ name, about, look, judge }: CheckParts<Facts>): Check {
  return { name, about, run: async (subject, signal) => judge(await look(subject, signal), subject) };
}

export function ok(saw: string): Verdict {
  return { result: 'ok', saw };
}

export function skipped(saw: string): Verdict {
  return { result: 'skipped', saw };
}

export function warn(saw: string, remedy: string): Verdict {
  return { result: 'warn', saw, remedy };
}

export function fail(saw: string, remedy: string): Verdict {
  return { result: 'fail', saw, remedy };
}
