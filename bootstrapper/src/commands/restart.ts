import { ExitCode } from '@go-agent/protocol/launch-contract';
import { askBootstrapper } from '../control/ask-bootstrapper.ts';
import type { CommandContext } from './context.ts';
import { order, type Place, tellOrder } from './order.ts';

/** An agent is there within a second; one that has to be downloaded first takes longer. */
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** `go-agent restart`: launcher and agent are started anew; a running job goes on, and the next agent takes it over. */
export async function restart(
  context: CommandContext,
  options: Place & { readonly json: boolean; readonly retryUpgrades: boolean },
): Promise<number> {
  const { clock, stop, cwd } = context;
  const place = { home: options.home, cwd };
  const before = await askBootstrapper(place, 'GET', '/health');
  const pid = before.kind === 'done' ? before.report.agent?.pid : undefined;
  const given = await order(context, options, options.retryUpgrades ? '/restart?retryUpgrades' : '/restart');
  if (given.kind === 'failed') return given.code;
  const deadline = clock.monotonic() + PATIENCE_MS;
  while (clock.monotonic() < deadline && (await clock.sleep(LOOK_EVERY_MS, stop))) {
    const answer = await askBootstrapper(place, 'GET', '/health');
    if (answer.kind !== 'done') continue;
    const { agent } = answer.report;
    if (agent === undefined || agent.pid === pid || !agent.answers) continue;
    const job = agent.job === undefined ? '' : `; it goes on with job ${agent.job}`;
    return tellOrder(context, options.json, answer.report, [
      `The agent runs anew (pid ${agent.pid}, before ${pid})${job}.`,
    ]);
  }
  context.printError(
    `go-agent: the agent has ended, and no other answers after ${PATIENCE_MS / 1000} s. Remedy: see go-agent status and go-agent logs`,
  );
  return ExitCode.failed;
}
