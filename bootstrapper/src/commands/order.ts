import { ExitCode } from '@go-agent/protocol/launch-contract';
import { askBootstrapper } from '../control/ask-bootstrapper.ts';
import type { HealthReport } from '../control/health-report.ts';
import { findRunning } from '../find-running.ts';
import type { CommandContext } from './context.ts';

export interface Place {
  /** Absolute. */
  readonly home: string;
}

export type OrderResult =
  | { readonly kind: 'done'; readonly report: HealthReport }
  /** The reason has been printed. */
  | { readonly kind: 'failed'; readonly code: number };

/** Gives the bootstrapper of a home folder an order, and says why that is not possible. */
export async function order(context: CommandContext, { home }: Place, path: string): Promise<OrderResult> {
  const running = await findRunning(home);
  if (running === undefined) {
    context.printError(`go-agent: go-agent does not run in ${home}. Remedy: go-agent start --home ${home}`);
    return { kind: 'failed', code: ExitCode.notRunning };
  }
  const answer = await askBootstrapper({ home, cwd: context.cwd }, 'POST', path);
  if (answer.kind === 'done') return answer;
  context.printError(
    answer.kind === 'refused'
      ? `go-agent: ${answer.message}`
      : `go-agent: process ${running.process.pid} runs in ${home} but cannot be reached at data/go-agent.sock (${answer.message}). Remedy: try again as its user; see go-agent logs --component bootstrapper`,
  );
  return { kind: 'failed', code: ExitCode.failed };
}

export function tellOrder(
  context: CommandContext,
  json: boolean,
  report: HealthReport,
  lines: readonly string[],
): number {
  if (json) context.print(JSON.stringify(report, null, 2));
  else for (const line of lines) context.print(line);
  return ExitCode.ok;
}
