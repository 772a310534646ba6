import {
  type AgentLaunchRequest,
  LAUNCH_CONTRACT,
  LaunchOutcome,
  type LaunchStatus,
} from '@go-agent/protocol/launch-contract';
import { describeError, type ExitStatus } from '@go-agent/runtime';
import { runAgent } from './agent/run-agent.ts';
import type { InstalledVersion } from './bundle/installed-versions.ts';
import type { LaunchContext } from './launch-context.ts';

export type Offered = {
  -readonly [Key in keyof AgentLaunchRequest['offered']]: AgentLaunchRequest['offered'][Key];
};

export interface PreparedAgent {
  readonly agent: InstalledVersion;
  readonly offered: Offered;
  /** Absolute path; absent if there are no plugins. */
  readonly pluginsFolder?: string;
}

/** Runs the agent until it ends. Resolves to its exit code, or to the outcome that stands for how it ended. */
export async function launchAgent(
  context: LaunchContext,
  { agent, offered, pluginsFolder }: PreparedAgent,
): Promise<number> {
  const { request, control, clock, log, stop } = context;
  let status: LaunchStatus = { phase: 'running', agentMd5: agent.md5 };
  const report = (change: Partial<LaunchStatus>) => {
    status = { ...status, ...change };
    control.report(status);
  };
  const onStop = () => report({ phase: 'stopping' });
  stop.addEventListener('abort', onStop, { once: true });
  const proof: Promise<void>[] = [];
  try {
    const exit = await runAgent({
      entry: agent.entry,
      request: {
        type: 'launch',
        contract: LAUNCH_CONTRACT,
        home: request.home,
        serverUrl: request.serverUrl,
        settings: request.settings,
        runtime: request.runtime,
        bootstrapperVersion: request.bootstrapperVersion,
        offered,
        agentMd5: agent.md5,
        ...(pluginsFolder === undefined ? {} : { pluginsFolder }),
      },
      clock,
      stop,
      onStarted(agentPid) {
        log.info({ agentPid, md5: agent.md5 }, `Agent ${agent.version} is started`);
        report({ agentPid });
      },
      onMessage(message) {
        report({ detail: message.type });
        if (message.type === 'registered' && proof.length === 0) proof.push(markGood(context, agent));
      },
      onKilled: () => log.error('The agent did not end in time when asked to, and was killed'),
    });
    return outcomeOf(context, exit);
  } finally {
    stop.removeEventListener('abort', onStop);
    await Promise.all(proof);
  }
}

/** A server has accepted this agent: it and its launcher are what to come back to. */
async function markGood({ state, request, log }: LaunchContext, agent: InstalledVersion): Promise<void> {
  try {
    await state.update('launcher', { lastGood: request.launcherMd5 });
    await state.update('agent', { lastGood: agent.md5 });
  } catch (error) {
    log.warn({ err: error }, `data/state.json cannot be written: ${describeError(error)}`);
  }
}

function outcomeOf({ log, stop }: LaunchContext, { code, signal }: ExitStatus): number {
  log.info({ code, signal }, 'The agent has ended');
  if (stop.aborted) return LaunchOutcome.relaunch;
  return code ?? LaunchOutcome.agentLost;
}
