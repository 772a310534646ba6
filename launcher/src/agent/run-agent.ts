import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { AgentLaunchRequest, FromAgent, FromLauncherToAgent } from '@go-agent/protocol/launch-contract';
import { HAND_OVER_SIGNAL } from '@go-agent/protocol/launch-contract';
import { AppError, type Clock, type ExitStatus, untilAborted } from '@go-agent/runtime';
import { openAgentOutput } from './agent-output.ts';

/** How long an agent that is asked to stop may take. */
export const STOP_PATIENCE_MS = 30_000;

/** An agent that lets go of its job host needs less than a second. */
const LEAVE_PATIENCE_MS = 3_000;

export interface AgentRun {
  /** Absolute path of the agent bundle's entry. */
  readonly entry: string;
  readonly request: AgentLaunchRequest;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** Aborted: end the process, by force if it takes long; its job goes on without it. */
  readonly leave: AbortSignal;
  /** Has its parameter called with what the operator wants of the agent, and what else it is to be told. */
  readonly listen: (listener: (message: FromLauncherToAgent) => void) => void;
  readonly onStarted: (pid: number) => void;
  readonly onMessage: (message: FromAgent) => void;
  /** The agent did not end within its time and was killed. */
  readonly onKilled: () => void;
}

/**
 * Runs the agent as a process of its own until it ends; on `stop` it is asked to end first.
 * @throws AppError launcher-agent-not-started
 */
export async function runAgent(run: AgentRun): Promise<ExitStatus> {
  const { request, clock, stop } = run;
  const child = startAgent(run.entry, request);
  const ended = new AbortController();
  const exit = new Promise<ExitStatus>((resolve, reject) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (cause) => {
      if (child.pid === undefined) {
        const command = request.runtime.join(' ');
        reject(
          new AppError('launcher-agent-not-started', `The agent cannot be started with ${command}`, {
            cause,
          }),
        );
      }
    });
  });
  const endOn = async (signal: AbortSignal, ask: () => void, patienceMs: number) => {
    await untilAborted(AbortSignal.any([signal, ended.signal]));
    if (ended.signal.aborted) return;
    ask();
    if (!(await clock.sleep(patienceMs, ended.signal))) return;
    run.onKilled();
    child.kill('SIGKILL');
  };
  if (child.pid !== undefined) run.onStarted(child.pid);
  child.on('message', (message: FromAgent) => run.onMessage(message));
  tell(child, request);
  run.listen((message) => tell(child, message));
  const ending = [
    endOn(stop, () => tell(child, { type: 'stop' }), STOP_PATIENCE_MS),
    endOn(run.leave, () => child.kill(HAND_OVER_SIGNAL), LEAVE_PATIENCE_MS),
  ];
  try {
    return await exit;
  } finally {
    ended.abort();
    await Promise.all(ending);
  }
}

function startAgent(entry: string, { home, runtime }: AgentLaunchRequest): ChildProcess {
  const [command = '', ...prefix] = runtime;
  const output = openAgentOutput(home);
  try {
    return spawn(command, [...prefix, entry], {
      cwd: home,
      // A group of its own: Ctrl-C in a terminal reaches the bootstrapper, which ends the agent in its own way.
      detached: true,
      stdio: ['ignore', output, output, 'ipc'],
    });
  } finally {
    closeSync(output);
  }
}

function tell(child: ChildProcess, message: FromLauncherToAgent): void {
  // An agent that has just died is told nothing; its exit says all.
  if (child.connected) child.send(message, () => undefined);
}
