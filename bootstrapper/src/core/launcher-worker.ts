import type * as nodeModule from 'node:module';
import type * as workerThreads from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type * as contract from '@go-agent/protocol/launch-contract';
import { LaunchOutcome } from '@go-agent/protocol/launch-numbers';
import type { Clock } from '@go-agent/runtime/core';

/** The launcher gives the agent 30 s to end; one that has not ended by then is ended with it. */
const STOP_DEADLINE_MS = 45_000;
const TERMINATE_MS = 5_000;
/** How often it is looked at in the time that a new version is watched. */
const LOOKS = 12;
/** The heap; and all that it takes: two bundles as large as they may be, and half as much again. */
const [MAX_HEAP_MB, MAX_GROWTH_BYTES] = [192, 768 * 1024 * 1024];

export interface LauncherRun {
  readonly entry: string;
  readonly request: contract.LaunchRequest;
  readonly clock: Clock;
  readonly onTrial: boolean;
  /** How long the thread may be silent. One on trial has five times as long to have an agent accepted. */
  readonly watchMs: number;
  /** Asks the launcher to end the agent and itself. */
  readonly stop: AbortSignal;
  /** Ends both at once. */
  readonly kill: AbortSignal;
  readonly onStatus: (status: contract.LaunchStatus) => void;
  /** Is given the way to send messages to this launcher. */
  readonly connect?: ((send: (message: contract.AgentControl) => void) => void) | undefined;
}

/** How one launch ended; `code` is a LaunchOutcome or the agent's exit status. */
export interface LauncherEnd {
  readonly code: number;
  readonly message?: string | undefined;
  /** No agent of this launcher was accepted in time; it need not be the launcher's fault. */
  readonly unproven?: boolean;
}

/** Runs `main` of a launcher bundle in a worker thread. Never rejects: a launcher that breaks is `launcherFailed`. */
export async function runLauncher(run: LauncherRun): Promise<LauncherEnd> {
  const { entry, request, clock, watchMs, stop, kill } = run;
  // A thread's memory is the launcher's own; nothing of it is left in the bootstrapper when the thread ends.
  const worker = new Worker(`(${shim.toString()})(require('node:worker_threads'), require('node:module'))`, {
    eval: true,
    execArgv: [],
    // No timer can wait for longer; one that is given more never rests.
    workerData: { entry, request, aliveMs: Math.min(watchMs / LOOKS, 2 ** 31 - 1) },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const ended = new AbortController();
  const { promise: outcome, resolve } = Promise.withResolvers<LauncherEnd>();
  let last: contract.LaunchStatus = { phase: 'locking' };
  let [heard, accepted, since] = [true, false, clock.monotonic()];
  const fail = (message: string, unproven = false) =>
    resolve({ code: LaunchOutcome.launcherFailed, message, unproven });
  worker.on('message', (message: contract.FromLauncher) => {
    heard = true;
    if (message.type === 'outcome') {
      // What it said last, unless that was about an agent that runs.
      const { code, message: reason = last.phase === 'running' ? undefined : last.detail } = message;
      resolve({ code, message: reason });
    } else if (message.type === 'status') {
      if (message.status.phase !== last.phase) since = clock.monotonic();
      last = message.status;
      accepted ||= last.detail === 'registered';
      run.onStatus(last);
    }
  });
  worker.on('error', (error) => fail(`The launcher crashed: ${(error as Error).stack ?? String(error)}`));
  worker.on('exit', (code) => fail(`The launcher's thread ended with ${code} and no outcome`));
  const tell = (message: contract.FromBootstrapper) => worker.postMessage(message);
  const onStop = () => {
    tell({ type: 'stop' });
    void clock.sleep(STOP_DEADLINE_MS, ended.signal).then((late) => late && onKill());
  };
  const onKill = () => {
    fail('The launcher is ended by force');
    try {
      process.kill(last.agentPid ?? Number.NaN, 'SIGKILL');
    } catch {
      // It has just ended, or there is none.
    }
  };
  const watch = async () => {
    const before = process.memoryUsage.rss();
    // Silence is counted in looks, not in time: after a machine has slept, no launcher hangs.
    for (let quiet = 0; await clock.sleep(watchMs / LOOKS, ended.signal); heard = false) {
      quiet = heard ? 0 : quiet + 1;
      const { phase } = last;
      const limits: Partial<Record<typeof phase, number>> = { locking: 2, checking: 2, downloading: 60 };
      const patience = limits[phase] ?? (run.onTrial && !accepted ? 5 : Infinity);
      const lasts = (clock.monotonic() - since) / watchMs;
      if (quiet >= LOOKS) fail(`The launcher's thread hangs in phase ${phase}`);
      else if (process.memoryUsage.rss() - before > MAX_GROWTH_BYTES)
        fail('The launcher takes too much memory');
      else if (lasts > patience) fail(`The launcher got no further than phase ${phase}`, phase === 'running');
    }
  };
  stop.addEventListener('abort', onStop, { signal: ended.signal });
  kill.addEventListener('abort', onKill, { signal: ended.signal });
  if (stop.aborted) onStop();
  if (kill.aborted) onKill();
  run.connect?.(tell);
  const watching = watch();
  const result = await outcome;
  ended.abort();
  await watching;
  // There are loops that V8 does not break off; one such thread must not hold up the others.
  const over = new AbortController();
  const terminated = worker.terminate().then(() => over.abort());
  await Promise.race([terminated, clock.sleep(TERMINATE_MS, over.signal)]);
  return result;
}

/**
 * The worker's whole program; sent to it as text, so it may use nothing but its parameters and globals. `require` loads
 * an ES module from disk also inside a single executable, where `import()` does not.
 */
function shim({ parentPort, workerData }: typeof workerThreads, { createRequire }: typeof nodeModule): void {
  const { entry, request, aliveMs } = workerData as LauncherRun & { aliveMs: number };
  const tell = (message: contract.FromLauncher) => parentPort?.postMessage(message);
  const stop = new AbortController();
  const early: contract.AgentControl[] = [];
  let hear = (message: contract.AgentControl) => void early.push(message);
  parentPort?.on('message', (message: contract.FromBootstrapper) => {
    if (message.type === 'stop') stop.abort(new Error('The bootstrapper stops'));
    else hear(message);
  });
  // oxlint-disable-next-line no-restricted-globals -- a thread of its own, without the bootstrapper's clock
  setInterval(() => tell({ type: 'alive' }), aliveMs).unref();
  const { main } = createRequire(entry)(entry) as { main: contract.LauncherMain };
  const listen = (listener: typeof hear) => {
    hear = listener;
    early.splice(0).forEach(listener);
  };
  main(request, { stop: stop.signal, report: (status) => tell({ type: 'status', status }), listen }).then(
    (code) => tell({ type: 'outcome', code }),
    (error) => tell({ type: 'outcome', code: -273, message: String((error as Error).stack ?? error) }),
  );
}
