import { join } from 'node:path';
import { type LauncherMain, LaunchOutcome, type LaunchStatus } from '@go-agent/protocol/launch-contract';
import { createLogger, describeError, RotatingFile, systemClock } from '@go-agent/runtime';
import { launch } from './launch.ts';
import { version } from './version.ts';

/** The launcher bundle's entry point; runs in a worker thread of the bootstrapper. */
export const main: LauncherMain = async (request, control) => {
  using file = new RotatingFile({ path: join(request.home, 'logs', 'go-agent-launcher.log') });
  const log = createLogger({ file, name: 'go-agent-launcher' });
  let hasLock = false;
  const report = (status: LaunchStatus) => {
    hasLock ||= status.phase !== 'locking';
    control.report(status);
  };
  try {
    log.info({ md5: request.launcherMd5 }, `Launcher ${version} starts`);
    return await launch(request, { ...control, report }, { clock: systemClock, log });
  } catch (error) {
    log.error({ err: error }, 'The launch failed');
    // Any other phase would say that the home is ours, and what is in there of another bootstrapper is left over.
    report({ phase: hasLock ? 'stopping' : 'locking', detail: describeError(error) });
    return LaunchOutcome.launcherFailed;
  }
};
