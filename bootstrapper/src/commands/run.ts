import { join } from 'node:path';
import { DEFAULT_PROBATION_MS, ExitCode, type Settings } from '@go-agent/protocol/launch-contract';
import { type Clock, processIdentity, readQuantity } from '@go-agent/runtime/core';
import { AGAIN_MS, AgentNews, type News } from '../control/agent-news.ts';
import { openControl } from '../control/open-control.ts';
import { supervise } from '../core/supervise.ts';
import { describeEvent } from '../describe-event.ts';
import { DiskReserve } from '../disk-reserve.ts';
import { homeFiles, makeHome } from '../home-files.ts';
import { type JsonLog, openJsonLog } from '../json-log.ts';
import { LauncherMemory } from '../launcher-memory.ts';
import { withoutSecrets } from '../settings/launch-settings.ts';
import { StatusFile } from '../status-file.ts';
import type { CommandContext, RunOptions, StartMessage } from './context.ts';

/** `go-agent run`: supervises in the foreground until it is told to stop. Resolves to the exit code. */
export async function run(context: CommandContext, options: RunOptions): Promise<number> {
  const { clock, version, bundles } = context;
  const { home, serverUrl, settings } = options;
  const files = homeFiles(home);
  Object.assign(context.environment, options.environment);
  await makeHome(home);
  const log = openJsonLog(files.log('bootstrapper'), 'go-agent-bootstrapper');
  const reserve = new DiskReserve(home, clock, log);
  reserve.open();
  const guard = options.guarded ? processIdentity(process.ppid) : null;
  const status = new StatusFile(files.status, clock, {
    version: 1,
    settings: withoutSecrets(settings),
    process: processIdentity(process.pid) ?? { pid: process.pid, startTime: null },
    ...(guard === null ? {} : { guard }),
    since: new Date(clock.now()).toISOString(),
    home,
    serverUrl,
    bootstrapperVersion: version,
    drainTimeoutMs: options.drainTimeoutMs,
    phase: 'starting',
    restarts: 0,
    crashLoop: false,
  });
  // Nothing else that this process was started in is kept busy, such as a mounted volume.
  process.chdir(home);
  status.save();
  log('info', `go-agent ${version} starts`, { home, serverUrl });
  const asked = { settings };
  const memory = new LauncherMemory(home);
  const retryUpgrades = () => memory.forget();
  const news = new AgentNews(serverUrl, clock);
  const { link, shutdown, control } = openControl(context, options, { status, log, asked, retryUpgrades });
  await using _control = control;
  const tell = () => tellNews(context, news.note(link.status), { log, serverUrl, status });
  void lookAgain(tell, clock, control.closed);
  const carriedIn = options.bundles ?? (await bundles(home));
  const verdict = await supervise(
    {
      request: {
        home,
        serverUrl,
        // Each launch gets them as they are by then.
        get settings() {
          return asked.settings;
        },
        runtime: context.runner,
        bootstrapperVersion: version,
        carried: { launcher: join(carriedIn, 'agent-launcher.zip'), agent: join(carriedIn, 'agent.zip') },
        trustRoot: join(carriedIn, 'root.json'),
      },
      clock,
      random: Math.random,
      watchMs: watchMs(settings),
      failures: memory.failures,
      report(event) {
        memory.note(event, reserve.note(event));
        control.note(event);
        // What the agent does is told to whoever asks; of that only what keeps it from working is said here.
        const isOfAgentOnly = link.note(event);
        if (isOfAgentOnly) return tell();
        status.update(event);
        const { level, msg, fields } = describeEvent(event);
        log(level, msg, fields);
        if (context.interactive) context.print(timed(context, msg));
        if (event.type === 'status') announce(context, status, { type: 'phase', phase: event.status.phase });
        tell();
      },
      connect: link.connect,
    },
    shutdown.stop,
    shutdown.kill,
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

/** A value that makes no sense is the launcher's to refuse. */
function watchMs(settings: Settings): number {
  return readQuantity('time', settings['probation'] ?? '') || DEFAULT_PROBATION_MS;
}

function tellNews(
  context: CommandContext,
  news: News | undefined,
  {
    log,
    serverUrl,
    status,
  }: { readonly log: JsonLog; readonly serverUrl: string; readonly status: StatusFile },
): void {
  if (news === undefined) return;
  const problems = news.type === 'problems' ? news.problems : [];
  for (const problem of problems) {
    log('warn', problem);
    if (context.interactive) context.print(timed(context, `Problem: ${problem}`));
    else context.printError(`go-agent: ${problem}`);
  }
  if (problems.length === 0) {
    const message = `Ready: the agent is registered with ${serverUrl}`;
    log('info', message);
    if (context.interactive) context.print(timed(context, message));
  }
  announce(context, status, { type: 'agent', problems });
}

/** The agent says nothing as long as nothing changes: what was held back to tell it less often is told by this. */
async function lookAgain(tell: () => void, clock: Clock, closed: AbortSignal): Promise<void> {
  while (await clock.sleep(AGAIN_MS, closed)) tell();
}

function timed({ clock }: CommandContext, text: string): string {
  return `${new Date(clock.now()).toTimeString().slice(0, 8)} ${text}`;
}

/** Once the status is written down: who has heard of it from `start` gets the same from `status`. */
function announce(context: CommandContext, status: StatusFile, message: StartMessage): void {
  void status.settled().then(() => context.announce(message));
}
