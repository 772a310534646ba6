import { ExitCode } from '@go-agent/protocol/launch-contract';
import { askBootstrapper } from '../control/ask-bootstrapper.ts';
import type { HealthReport } from '../control/health-report.ts';
import type { CommandContext } from './context.ts';
import { type OrderResult, order, type Place, tellOrder } from './order.ts';

export interface DrainOptions extends Place {
  /** For how long the running job may go on. Absent: until it ends. */
  readonly deadlineMs?: number;
  /** Return when there is no job any more. */
  readonly wait: boolean;
  readonly json: boolean;
}

const LOOK_EVERY_MS = 250;
/** An agent that has heard the order is in none of these states, unless it is taken back. */
const UNDRAINED = ['registering', 'pending', 'idle', 'building', 'disabled'];

/** `go-agent drain`: the job is finished, no other is taken, the agent stays. */
export async function drain(context: CommandContext, options: DrainOptions): Promise<number> {
  const { deadlineMs, wait, json } = options;
  const query = deadlineMs === undefined ? '' : `?deadlineMs=${deadlineMs}`;
  const given = await order(context, options, `/drain${query}`);
  if (given.kind === 'failed') return given.code;
  const ended = wait ? await untilDrained(context, options, given.report) : given;
  if (ended.kind === 'failed') return ended.code;
  const { report } = ended;
  const { agent } = report;
  return tellOrder(context, json, report, [
    agent?.job === undefined
      ? 'The agent takes no more work. go-agent resume ends that.'
      : `The agent finishes job ${agent.job} and takes no more. go-agent resume ends that.`,
  ]);
}

async function untilDrained(
  context: CommandContext,
  { home, json }: DrainOptions,
  before: HealthReport,
): Promise<OrderResult> {
  let report = before;
  if (!json && report.agent?.job !== undefined) context.print(`Job ${report.agent.job} is being finished.`);
  let orderedPid: number | undefined;
  while (report.agent?.state !== 'drained') {
    const { pid, state = '' } = report.agent ?? {};
    if (state === 'draining') orderedPid = pid;
    else if (pid !== undefined && pid === orderedPid && UNDRAINED.includes(state)) {
      context.printError('go-agent: the agent takes work again: somebody has ended the drain meanwhile');
      return { kind: 'failed', code: ExitCode.failed };
    }
    if (!(await context.clock.sleep(LOOK_EVERY_MS, context.stop)))
      return { kind: 'failed', code: ExitCode.failed };
    const answer = await askBootstrapper({ home, cwd: context.cwd }, 'GET', '/health');
    if (answer.kind !== 'done') {
      context.printError(`go-agent: go-agent has ended meanwhile (${answer.message})`);
      return { kind: 'failed', code: ExitCode.notRunning };
    }
    ({ report } = answer);
  }
  return { kind: 'done', report };
}
