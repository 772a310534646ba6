import {
  type AgentLaunchRequest,
  BundleName,
  type FromLauncherToAgent,
  LAUNCH_CONTRACT,
  LaunchOutcome,
  type LaunchStatus,
} from '@go-agent/protocol/launch-contract';
import { describeError, type ExitStatus } from '@go-agent/runtime';
import { trimWhileWaiting } from '@go-agent/runtime/core';
import { residentMemory } from './agent/resident-memory.ts';
import { runAgent } from './agent/run-agent.ts';
import type { InstalledVersion } from './bundle/installed-versions.ts';
import type { LaunchContext } from './launch-context.ts';
import { AgentWatch } from './probation/agent-watch.ts';
import { type BadAgent, isMachinesFault, judgeExit } from './probation/judge-agent.ts';
import { readTrialLimits } from './probation/trial-limits.ts';
import { VersionTrial } from './probation/version-trial.ts';
import { versionsHeader } from './state/versions-header.ts';

export type Offered = {
  -readonly [Key in keyof AgentLaunchRequest['offered']]: AgentLaunchRequest['offered'][Key];
};

export interface PreparedAgent {
  readonly agent: InstalledVersion;
  readonly offered: Offered;
  /** The server could not be asked for offers. */
  readonly serverIsSilent: boolean;
  /** Absolute path; absent if there are no plugins. */
  readonly pluginsFolder?: string;
}

/** Runs the agent until it ends. Resolves to its exit code, or to the outcome that stands for how it ended. */
export async function launchAgent(context: LaunchContext, prepared: PreparedAgent): Promise<number> {
  const { request, control, clock, log, stop, reached } = context;
  const { agent } = prepared;
  const limits = readTrialLimits(request.settings);
  const trial = new VersionTrial(context, agent.md5);
  await trial.begin();
  let status: LaunchStatus = { phase: 'running', agentMd5: agent.md5 };
  const report = (change: Partial<LaunchStatus>) => {
    status = { ...status, ...change };
    control.report(status);
  };
  const onStop = () => report({ phase: 'stopping' });
  stop.addEventListener('abort', onStop, { once: true });
  const leave = new AbortController();
  const over = new AbortController();
  let tell: (message: FromLauncherToAgent) => void = () => undefined;
  const notes: Promise<void>[] = [];
  const watch = new AgentWatch({
    limits,
    isGood: trial.isGood,
    canFail: trial.canFail,
    serverIsSilent: prepared.serverIsSilent,
    clock,
    askServer: async (signal) => (await context.server.offer(BundleName.agent, signal)).type !== 'unknown',
    tell: (message) => tell(message),
    memory: () => (status.agentPid === undefined ? 0 : residentMemory(status.agentPid)),
    onGood: () => notes.push(trial.noteGood().then(() => tell(versionsMessage(context)))),
  });
  const watching = watch.run(over.signal).then(async (bad) => {
    if (bad === undefined) return undefined;
    log.error({ md5: agent.md5 }, `The agent is ended: ${bad.reason}`);
    report({ detail: `The agent is ended: ${bad.reason}` });
    return await noteBad(context, trial, bad).finally(() => leave.abort(new Error(bad.reason)));
  });
  // From now on this thread only waits.
  const trimmed = trimWhileWaiting(clock, over.signal, log);
  try {
    const exit = await runAgent({
      entry: agent.entry,
      request: launchRequest(context, prepared),
      clock,
      stop,
      leave: leave.signal,
      onStarted(agentPid) {
        log.info({ agentPid, md5: agent.md5 }, `Agent ${agent.version} is started`);
        report({ agentPid });
        notes.push(reached('started'));
      },
      listen(listener) {
        tell = listener;
        control.listen?.(listener);
      },
      onMessage(message) {
        watch.hear(message);
        report(message.type === 'status' ? { agent: message.status } : { detail: message.type });
        if (message.type === 'ready' || message.type === 'registered') notes.push(reached(message.type));
      },
      onKilled: () => log.error('The agent did not end in time when asked to, and was killed'),
    });
    log.info(exit, 'The agent has ended');
    over.abort();
    await Promise.all(notes);
    return (await watching) ?? (await judgeEnd(context, trial, watch, exit));
  } finally {
    over.abort();
    stop.removeEventListener('abort', onStop);
    await Promise.all([...notes, trimmed]);
    await reached('ended');
  }
}

function launchRequest(context: LaunchContext, prepared: PreparedAgent): AgentLaunchRequest {
  const { request, state, retry } = context;
  const { agent, offered, pluginsFolder } = prepared;
  return {
    type: 'launch',
    contract: LAUNCH_CONTRACT,
    home: request.home,
    serverUrl: request.serverUrl,
    settings: request.settings,
    runtime: request.runtime,
    bootstrapperVersion: request.bootstrapperVersion,
    offered,
    ...(retry.at === undefined ? {} : { retryUpgradeAt: retry.at }),
    agentMd5: agent.md5,
    versions: versionsHeader(state.state),
    ...(pluginsFolder === undefined ? {} : { pluginsFolder }),
  };
}

/** What the agent is to tell the server from now on. */
function versionsMessage({ state }: LaunchContext): FromLauncherToAgent {
  return { type: 'versions', versions: versionsHeader(state.state) };
}

/** An agent that has to be ended: the outcome of the launch. Never rejects, for the agent must be ended all the same. */
async function noteBad({ log }: LaunchContext, trial: VersionTrial, bad: BadAgent): Promise<number> {
  try {
    return (await trial.noteBad(bad.reason, bad.whose)) ?? LaunchOutcome.agentLost;
  } catch (error) {
    log.error({ err: error }, `A failed version could not be noted: ${describeError(error)}`);
    return LaunchOutcome.agentLost;
  }
}

/** An agent that has ended by itself, or was asked to. */
async function judgeEnd(
  { stop }: LaunchContext,
  trial: VersionTrial,
  watch: AgentWatch,
  exit: ExitStatus,
): Promise<number> {
  const { seen, serverIsSilent } = watch;
  const reason = stop.aborted ? undefined : judgeExit(exit, seen, serverIsSilent);
  const outcome = reason === undefined ? undefined : await trial.noteBad(reason, 'agent');
  if (outcome !== undefined) return outcome;
  const provesNothing = isMachinesFault(exit.code) || (serverIsSilent && seen.acceptedMs === undefined);
  if (stop.aborted || (reason === undefined && provesNothing)) await trial.takeBack();
  return stop.aborted ? LaunchOutcome.relaunch : (exit.code ?? LaunchOutcome.agentLost);
}
