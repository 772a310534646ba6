import { ExitCode } from '@go-agent/protocol/launch-contract';
import { askBootstrapper } from '../control/ask-bootstrapper.ts';
import type { CommandContext } from './context.ts';
import { order, type Place, tellOrder } from './order.ts';

export interface DrainOptions extends Place {
  /** For how long the running job may go on. Absent: until it ends. */
  readonly deadlineMs?: number;
  /** Return when there is no job any more. */
  readonly wait: boolean;
  readonly json: boolean;
}

const LOOK_EVERY_MS = 250;

/** `go-agent drain`: the job is finished, no other is taken, the agent stays. */
export async function drain(context: CommandContext, options: DrainOptions): Promise<number> {
  const { deadlineMs, wait, json } = options;
  const query = deadlineMs === undefined ? '' : `?deadlineMs=${deadlineMs}`;
  const given = await order(context, options, `/drain${query}`);
  if (given.kind === 'failed') return given.code;
  let { report } = given;
  if (wait) {
    if (!json && report.agent?.job !== undefined) context.print(`Job ${report.agent.job} is being finished.`);
    while (report.agent?.state !== 'drained') {
      if (!(await context.clock.sleep(LOOK_EVERY_MS, context.stop))) return ExitCode.failed;
      const answer = await askBootstrapper({ home: options.home, cwd: context.cwd }, 'GET', '/health');
      if (answer.kind !== 'done') {
        context.printError(`go-agent: go-agent has ended meanwhile (${answer.message})`);
        return ExitCode.notRunning;
      }
      ({ report } = answer);
    }
  }
  const { agent } = report;
  return tellOrder(context, json, report, [
    agent?.job === undefined
      ? 'The agent takes no more work. go-agent resume ends that.'
      : `The agent finishes job ${agent.job} and takes no more. go-agent resume ends that.`,
  ]);
}
