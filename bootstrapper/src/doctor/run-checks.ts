import { AppError, describeError, withDeadline } from '@go-agent/runtime/core';
import { type Check, fail, skipped, type Verdict } from './check.ts';
import type { Subject } from './subject.ts';

export interface Finding extends Verdict {
  readonly check: string;
  readonly about: string;
  readonly tookMs: number;
}

export interface RunChecksOptions {
  readonly subject: Subject;
  readonly checks: readonly Check[];
  readonly signal: AbortSignal;
  /** Names of the checks that are still at it, a second after the start and each further one. */
  readonly onSlow: (names: readonly string[]) => void;
  /** Longest time of one check, in milliseconds. */
  readonly limitMs?: number;
}

/** A step to the server may take 3 s, and there are four. */
const LIMIT_MS = 10_000;
const PROGRESS_MS = 1_000;

/** Runs all at the same time. One that fails, hangs or breaks is a finding like any other. */
export async function runChecks(options: RunChecksOptions): Promise<Finding[]> {
  const { subject, checks, signal, onSlow, limitMs = LIMIT_MS } = options;
  const pending = new Set(checks.map(({ name }) => name));
  const done = new AbortController();
  const progress = (async () => {
    while (await subject.clock.sleep(PROGRESS_MS, AbortSignal.any([signal, done.signal])))
      onSlow([...pending]);
  })();
  const findings = await Promise.all(
    checks.map(async (check) => {
      const finding = await runOne(check, subject, limitMs, signal);
      pending.delete(check.name);
      return finding;
    }),
  );
  done.abort();
  await progress;
  return findings;
}

async function runOne(
  check: Check,
  subject: Subject,
  limitMs: number,
  signal: AbortSignal,
): Promise<Finding> {
  const { clock } = subject;
  const startedAt = clock.monotonic();
  const verdict = await withDeadline((limit) => check.run(subject, limit), limitMs, clock, signal).catch(
    (error: unknown) => verdictOnError(error, limitMs),
  );
  return {
    check: check.name,
    about: check.about,
    ...verdict,
    tookMs: Math.round(clock.monotonic() - startedAt),
  };
}

function verdictOnError(error: unknown, limitMs: number): Verdict {
  if (error instanceof AppError && error.code === 'deadline-exceeded')
    return fail(
      `it was not done within ${limitMs / 1000} s`,
      'something hangs: a network file system or a name server, most likely',
    );
  const { code, path } = error as NodeJS.ErrnoException;
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  if (isForbidden || code === 'ENOENT' || code === 'ENOTDIR')
    return skipped(
      `${path ?? 'something'} cannot be looked at (${code})${isForbidden ? '; run as root or as the agent does' : ''}`,
    );
  return fail(
    `it could not be looked at: ${describeError(error)}`,
    'run as root, or as the user of the agent',
  );
}
