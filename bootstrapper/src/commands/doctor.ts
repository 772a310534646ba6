import { ExitCode } from '@go-agent/protocol/launch-contract';
import { allChecks } from '../doctor/all-checks.ts';
import { loadSubject, type SubjectOptions } from '../doctor/load-subject.ts';
import { countResults, reportLines } from '../doctor/report.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { closestName } from '../settings/closest-name.ts';
import type { CommandContext } from './context.ts';

export interface DoctorOptions extends SubjectOptions {
  /** Names of checks; none: all. */
  readonly only: readonly string[];
  readonly json: boolean;
  /** Warnings count as failures. */
  readonly strict: boolean;
}

/** `go-agent doctor`: exit code 1 if a check fails; it changes nothing. */
export async function doctor(
  context: CommandContext,
  { only, json, strict, ...subjectOptions }: DoctorOptions,
): Promise<number> {
  const names = checkNames();
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const meant = closestName(unknown, names);
    context.printError(
      `go-agent: there is no check ${unknown}${meant === undefined ? '' : `; did you mean ${meant}?`} There are: ${names.join(', ')}`,
    );
    return ExitCode.usage;
  }
  const subject = await loadSubject(context, subjectOptions);
  const findings = await runChecks({
    subject,
    checks: allChecks.filter(({ name }) => only.length === 0 || only.includes(name)),
    signal: context.stop,
    onSlow: (pending) => context.printError(`Still looking at: ${pending.join(', ')}`),
  });
  const counts = countResults(findings);
  const bad = counts.fail + (strict ? counts.warn : 0);
  if (json) context.print(JSON.stringify({ home: subject.home, ok: bad === 0, counts, findings }, null, 2));
  else for (const line of reportLines(findings)) context.print(line);
  return bad === 0 ? ExitCode.ok : ExitCode.failed;
}

export function checkNames(): string[] {
  return allChecks.map(({ name }) => name);
}

/** For help: the checks and what they look at. */
export function checkList(): string {
  const width = Math.max(...checkNames().map((name) => name.length));
  return allChecks.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n');
}
