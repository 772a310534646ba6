import { join } from 'node:path';
import { type LauncherMain, LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { createLogger, describeError, RotatingFile, systemClock } from '@go-agent/runtime';
import { launch } from './launch.ts';
import { version } from './version.ts';

/** The launcher bundle's entry point; runs in a worker thread of the bootstrapper. */
export const main: LauncherMain = async (request, control) => {
  using file = new RotatingFile({ path: join(request.home, 'logs', 'go-agent-launcher.log') });
  const log = createLogger({ file, name: 'go-agent-launcher' });
  try {
    log.info({ md5: request.launcherMd5 }, `Launcher ${version} starts`);
    return await launch(request, control, { clock: systemClock, log });
  } catch (error) {
    log.error({ err: error }, 'The launch failed');
    control.report({ phase: 'stopping', detail: describeError(error) });
    return LaunchOutcome.launcherFailed;
  }
};
