import type * as nodeModule from 'node:module';
import type * as workerThreads from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type {
  FromBootstrapper,
  FromLauncher,
  LauncherMain,
  LaunchRequest,
  LaunchStatus,
} from '@go-agent/protocol/launch-contract';
import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';

/** The launcher gives the agent 30 s to end; one that has not ended by then is ended with it. */
const STOP_DEADLINE_MS = 45_000;

/** Outcomes that the launcher's last word is the reason of. */
const explained: readonly number[] = [LaunchOutcome.stop, LaunchOutcome.launcherFailed];

export interface LauncherRun {
  readonly entry: string;
  readonly request: LaunchRequest;
  readonly clock: Clock;
  /** Asks the launcher to end the agent and itself. */
  readonly stop: AbortSignal;
  /** Ends both at once. */
  readonly kill: AbortSignal;
  readonly onStatus: (status: LaunchStatus) => void;
}

/** Runs `main` of a launcher bundle in a worker thread. Never rejects: a launcher that breaks is `launcherFailed`. */
export async function runLauncher(run: LauncherRun): Promise<{ code: number; message?: string }> {
  const { entry, request, clock, stop, kill, onStatus } = run;
  // A thread's memory is the launcher's own; nothing of it is left in the bootstrapper when the thread ends.
  const worker = new Worker(`(${shim.toString()})(require('node:worker_threads'), require('node:module'))`, {
    eval: true,
    execArgv: [],
    workerData: { entry, request },
  });
  const ended = new AbortController();
  let agentPid: number | undefined;
  let last: LaunchStatus | undefined;
  const tell = (message: FromBootstrapper) => worker.postMessage(message);
  const onStop = () => tell({ type: 'stop' });
  const onKill = () => {
    if (agentPid !== undefined) killIfThere(agentPid);
    void worker.terminate();
  };
  const deadline = async () => {
    await aborted(AbortSignal.any([stop, ended.signal]));
    if (await clock.sleep(STOP_DEADLINE_MS, ended.signal)) onKill();
  };
  const outcome = new Promise<{ code: number; message?: string }>((resolve) => {
    worker.on('message', (message: FromLauncher) => {
      if (message.type === 'outcome') {
        const { code } = message;
        const text = message.message ?? (explained.includes(code) ? last?.detail : undefined);
        resolve(text === undefined ? { code } : { code, message: text });
        return;
      }
      last = message.status;
      agentPid = message.status.agentPid;
      onStatus(message.status);
    });
    const failed = (message: string) => resolve({ code: LaunchOutcome.launcherFailed, message });
    worker.on('error', (error) =>
      failed(`The launcher crashed: ${error instanceof Error ? error.stack : String(error)}`),
    );
    worker.on('messageerror', (error) => failed(`The launcher sent what cannot be read: ${String(error)}`));
    worker.on('exit', (code) => failed(`The launcher's thread ended with ${code} and no outcome`));
  });
  stop.addEventListener('abort', onStop, { signal: ended.signal });
  kill.addEventListener('abort', onKill, { signal: ended.signal });
  if (stop.aborted) onStop();
  if (kill.aborted) onKill();
  const watch = deadline();
  const result = await outcome;
  ended.abort();
  await Promise.all([watch, worker.terminate()]);
  return result;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/**
 * The worker's whole program; sent to it as text, so it may use nothing but its parameters and globals. `require` loads
 * an ES module from disk also inside a single executable, where `import()` does not.
 */
function shim({ parentPort, workerData }: typeof workerThreads, { createRequire }: typeof nodeModule): void {
  const { entry, request } = workerData as { entry: string; request: LaunchRequest };
  const tell = (message: FromLauncher) => parentPort?.postMessage(message);
  const stop = new AbortController();
  parentPort?.on('message', (message: FromBootstrapper) => {
    if (message.type === 'stop') stop.abort(new Error('The bootstrapper stops'));
  });
  const { main } = createRequire(entry)(entry) as { main: LauncherMain };
  main(request, { stop: stop.signal, report: (status) => tell({ type: 'status', status }) }).then(
    (code) => tell({ type: 'outcome', code }),
    (error: unknown) =>
      tell({
        type: 'outcome',
        code: -273,
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
  );
}
