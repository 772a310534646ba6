import { setMaxListeners } from 'node:events';
import {
  LAUNCH_CONTRACT,
  LaunchOutcome,
  type LaunchRequest,
  type LaunchStatus,
} from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';
import { removeLeftovers, unpackLauncher } from './launcher-folder.ts';
import { runLauncher } from './launcher-worker.ts';
import { type LaunchEnd, type NextStep, nextStep, noHistory } from './next-step.ts';
import { type Launcher, pickLauncher } from './pick-launcher.ts';

export interface Supervision {
  /** What every launch is asked; the contract's number and the launcher's MD5 are added. */
  readonly request: Omit<LaunchRequest, 'contract' | 'launcherMd5'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Hears of all that happens; must not throw. */
  readonly report: (event: SupervisorEvent) => void;
}

export type SupervisorEvent =
  | { readonly type: 'launching'; readonly launcher: Launcher }
  | { readonly type: 'status'; readonly status: LaunchStatus }
  | { readonly type: 'ended'; readonly end: LaunchEnd; readonly step: NextStep };

/** Why the loop ended. */
export type Verdict = { readonly type: 'asked' } | { readonly type: 'refused'; readonly message: string };

/**
 * Launches again and again until asked to stop or told that no relaunch helps. Nothing that a launcher does, or that
 * lies on the disk, ends this loop otherwise.
 * @param stop end the agent properly, then return
 * @param kill end it at once
 */
export async function supervise(
  options: Supervision,
  stop: AbortSignal,
  kill: AbortSignal,
): Promise<Verdict> {
  const { clock, random, report } = options;
  // Each launch listens anew, and there is no end to launches.
  setMaxListeners(0, stop, kill);
  for (let history = noHistory; !stop.aborted; ) {
    const started = clock.monotonic();
    const outcome = await launch(options, stop, kill).catch((error: unknown) => ({
      code: LaunchOutcome.launcherFailed,
      message: `The launcher could not be started: ${error instanceof Error ? error.message : String(error)}`,
    }));
    const end: LaunchEnd = { ...outcome, lastedMs: clock.monotonic() - started };
    const step: NextStep = stop.aborted ? { type: 'stop' } : nextStep(end, history, random);
    report({ type: 'ended', end, step });
    if (stop.aborted) break;
    if (step.type === 'stop') return { type: 'refused', message: end.message ?? 'no reason was given' };
    history = step.history;
    if (step.waitMs > 0) await clock.sleep(step.waitMs, stop);
  }
  return { type: 'asked' };
}

async function launch(
  options: Supervision,
  stop: AbortSignal,
  kill: AbortSignal,
): Promise<{ code: number; message?: string }> {
  const { request, clock, report } = options;
  const launcher = await pickLauncher(request.home, request.carried.launcher);
  report({ type: 'launching', launcher });
  await using folder = await unpackLauncher(request.home, launcher);
  let cleaned: Promise<void> | undefined;
  const outcome = await runLauncher({
    entry: folder.entry,
    request: { ...request, contract: LAUNCH_CONTRACT, launcherMd5: launcher.md5 },
    clock,
    stop,
    kill,
    onStatus(status) {
      report({ type: 'status', status });
      // Beyond `locking` the launcher holds the lock: now all other folders are leftovers.
      if (status.phase !== 'locking')
        cleaned ??= removeLeftovers(request.home, folder.path, clock.now()).catch(() => {});
    },
  });
  await cleaned;
  return outcome;
}
