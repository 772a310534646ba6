import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { processIdentity } from '@go-agent/runtime/core';
import { type SupervisorEvent, supervise } from '../core/supervise.ts';
import { describeEvent } from '../describe-event.ts';
import { homeFiles } from '../home-files.ts';
import { openJsonLog } from '../json-log.ts';
import { StatusFile } from '../status-file.ts';
import type { CommandContext, RunOptions } from './context.ts';

/** `go-agent run`: supervises in the foreground until it is told to stop. Resolves to the exit code. */
export async function run(context: CommandContext, options: RunOptions): Promise<number> {
  const { clock, version, bundles } = context;
  const { home, serverUrl, settings } = options;
  const files = homeFiles(home);
  await mkdir(files.data, { recursive: true, mode: 0o700 });
  const log = openJsonLog(files.log('bootstrapper'), 'go-agent-bootstrapper');
  const status = new StatusFile(files.status, clock, {
    version: 1,
    process: processIdentity(process.pid) ?? { pid: process.pid, startTime: null },
    since: new Date(clock.now()).toISOString(),
    home,
    serverUrl,
    bootstrapperVersion: version,
    phase: 'starting',
    restarts: 0,
    crashLoop: false,
  });
  // Nothing else that this process was started in is kept busy, such as a mounted volume.
  process.chdir(home);
  status.save();
  log('info', `go-agent ${version} starts`, { home, serverUrl });
  const onStop = () => log('info', 'Asked to stop: ending the agent');
  context.stop.addEventListener('abort', onStop, { once: true });
  const carriedIn = options.bundles ?? bundles;
  const verdict = await supervise(
    {
      request: {
        home,
        serverUrl,
        settings,
        runtime: [...context.self, '__run'],
        bootstrapperVersion: version,
        carried: { launcher: join(carriedIn, 'agent-launcher.zip'), agent: join(carriedIn, 'agent.zip') },
      },
      clock,
      random: Math.random,
      report(event) {
        status.update(event);
        const { level, msg, fields } = describeEvent(event);
        log(level, msg, fields);
        if (context.interactive) context.print(`${new Date(clock.now()).toTimeString().slice(0, 8)} ${msg}`);
        announcePhase(context, event);
      },
    },
    context.stop,
    context.kill,
  );
  await status.settled();
  if (verdict.type === 'asked') {
    log('info', 'go-agent has stopped');
    return ExitCode.ok;
  }
  log('error', `go-agent stops for good: ${verdict.message}`);
  context.printError(`go-agent: ${verdict.message}`);
  context.announce({ type: 'refused', message: verdict.message });
  return ExitCode.locked;
}

function announcePhase(context: CommandContext, event: SupervisorEvent): void {
  if (event.type === 'status') context.announce({ type: 'phase', phase: event.status.phase });
}
