import type { AgentControl, LaunchRequest, LaunchStatus } from '@go-agent/protocol/launch-contract';
import { LAUNCH_CONTRACT, LaunchOutcome } from '@go-agent/protocol/launch-numbers';
import type { Clock } from '@go-agent/runtime/core';
import { runLauncher } from './launcher-worker.ts';
import { type LaunchEnd, nextStep, type Relaunch } from './next-step.ts';
import { type Launcher, type LauncherFailure, pickLauncher, TOO_OFTEN } from './pick-launcher.ts';
import { unpackLauncher } from './unpack-launcher.ts';

export interface Supervision {
  /** What every launch is asked; the rest is added. */
  readonly request: Omit<LaunchRequest, 'contract' | 'launcherMd5' | 'failedLaunchers'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** How long a new launcher is watched; see LauncherRun. */
  readonly watchMs: number;
  /** What is known of earlier launches, by MD5; kept up to date, and best kept beyond the end of this process. */
  readonly failures: Map<string, LauncherFailure>;
  /** Hears of all that happens, after `failures` has changed; must not throw. */
  readonly report: (event: SupervisorEvent) => void;
  /** At each launch: gets the way to send messages to this launcher. */
  readonly connect?: (send: (message: AgentControl) => void) => void;
}

export type SupervisorEvent =
  | { readonly type: 'launching'; readonly launcher: Launcher; readonly folder: string }
  | { readonly type: 'status'; readonly status: LaunchStatus }
  | { readonly type: 'ended'; readonly end: LaunchEnd; readonly step: 'stop' | Relaunch };

/** Why the loop ended. */
export type Verdict = { readonly type: 'asked' } | { readonly type: 'refused'; readonly message: string };

/**
 * Launches again and again until asked to stop or told that no relaunch helps. Nothing that a launcher does, or that
 * lies on the disk, ends this loop otherwise. `stop`: end the agent properly, then return; `kill`: end it at once.
 */
export async function supervise(run: Supervision, stop: AbortSignal, kill: AbortSignal): Promise<Verdict> {
  for (let history = { failures: 0, quick: 0 }; !stop.aborted; ) {
    const started = run.clock.monotonic();
    const outcome = await launch(run, stop, kill).catch((error: unknown) => {
      // Where nothing can be started at all, no launcher is to blame.
      run.failures.clear();
      return {
        code: LaunchOutcome.launcherFailed,
        message: `No launcher could be started: ${String(error)}`,
      };
    });
    const end = { ...outcome, lastedMs: run.clock.monotonic() - started };
    const step = stop.aborted ? 'stop' : nextStep(end, history, run.random);
    run.report({ type: 'ended', end, step });
    if (stop.aborted) break;
    if (step === 'stop') return { type: 'refused', message: end.message ?? 'no reason was given' };
    history = step.history;
    if (step.waitMs > 0) await run.clock.sleep(step.waitMs, stop);
  }
  return { type: 'asked' };
}

async function launch({ connect, failures, ...run }: Supervision, stop: AbortSignal, kill: AbortSignal) {
  const { home, carried } = run.request;
  const launcher = await pickLauncher(home, carried.launcher, failures);
  const { md5, onTrial } = launcher;
  await using folder = await unpackLauncher(home, launcher);
  const gone = [...failures].filter(([one, { count }]) => one !== md5 && count >= TOO_OFTEN);
  const failedLaunchers = gone.map(([one, failure]) => ({ md5: one, ...failure }));
  const request = { ...run.request, contract: LAUNCH_CONTRACT, launcherMd5: md5, failedLaunchers };
  const before = failures.get(md5);
  const count = (before?.count ?? 0) + 1;
  if (onTrial) failures.set(md5, { count, reason: 'The bootstrapper ended with it' });
  run.report({ type: 'launching', launcher, folder: folder.path });
  let ran = false;
  const onStatus = (status: LaunchStatus) => {
    ran ||= status.phase === 'running';
    // Beyond `locking` it is the launcher that judges those of whose fault there is doubt.
    if (status.phase !== 'locking')
      for (const [one, { unproven }] of failures) if (unproven) failures.delete(one);
    run.report({ type: 'status', status });
  };
  const end = await runLauncher({
    ...run,
    entry: folder.entry,
    request,
    onTrial,
    stop,
    kill,
    onStatus,
    connect,
  });
  failures.delete(md5);
  if (stop.aborted || end.code === LaunchOutcome.stop) {
    if (before !== undefined) failures.set(md5, before);
  } else if (end.code === LaunchOutcome.launcherFailed || !ran) {
    const {
      code,
      unproven = false,
      message: reason = `It ended with ${code} before there was an agent`,
    } = end;
    failures.set(md5, { count: unproven ? TOO_OFTEN : count, reason, unproven });
  }
  return end;
}
