import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, type FromAgent, HAND_OVER_SIGNAL } from '@go-agent/protocol/launch-contract';
import { createLogger } from '@go-agent/runtime';
import {
  AppError,
  describeError,
  keepMemoryOutOfCoreDumps,
  systemClock,
  untilAborted,
} from '@go-agent/runtime/core';
import { ControlInbox } from './control/control-inbox.ts';
import { type Launch, runCourier } from './courier.ts';
import { parseLogLevel } from './settings/parse-log-level.ts';
import { isFromLauncher, parseArguments, receiveLaunch } from './settings/receive-launch.ts';

/** An agent that is told to go is gone within a second, whatever hangs. */
const LEAVE_MS = 800;

/** The courier's process. Resolves to its exit code. */
export async function main(): Promise<number> {
  keepMemoryOutOfCoreDumps();
  const leave = new AbortController();
  const drain = new AbortController();
  const stop = new AbortController();
  const hasLauncher = process.connected === true;
  const endJob = () => {
    drain.abort(new Error('The agent is to stop'));
    stop.abort(new Error('The agent is to stop'));
  };
  process.on(HAND_OVER_SIGNAL, () => leave.abort(new Error(`Got ${HAND_OVER_SIGNAL}`)));
  // From a terminal the launcher gets it too, and says what is to be done.
  process.on('SIGINT', () => (hasLauncher ? undefined : endJob()));
  const inbox = new ControlInbox();
  process.on('message', (message) => {
    if (!isFromLauncher(message) || message.type === 'launch') return;
    if (message.type === 'stop') endJob();
    else inbox.put(message);
  });
  process.on('disconnect', () => drain.abort(new Error('The launcher has gone')));
  try {
    const launch = hasLauncher
      ? await receiveLaunch(process)
      : parseArguments(process.argv.slice(2), process.cwd(), process.execPath);
    const running = run(launch, inbox, { leave: leave.signal, drain: drain.signal, stop: stop.signal });
    return await Promise.race([running, handedOver(leave.signal)]);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return error instanceof AppError && error.code === 'agent-launch' ? ExitCode.usage : ExitCode.failed;
  } finally {
    if (process.connected) process.disconnect?.();
  }
}

async function run(
  launch: Launch,
  inbox: ControlInbox,
  signals: { readonly leave: AbortSignal; readonly drain: AbortSignal; readonly stop: AbortSignal },
): Promise<number> {
  const folder = join(launch.home, 'logs');
  mkdirSync(folder, { recursive: true });
  const level = parseLogLevel(launch.settings['log-level']);
  const log = createLogger({ file: join(folder, 'go-agent.log'), name: 'agent', level });
  process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'The agent breaks down'));
  const tell = (message: FromAgent) => {
    if (process.connected) process.send?.(message, () => undefined);
  };
  try {
    await runCourier({
      launch,
      ...signals,
      environment: process.env,
      agentVersion: readVersion(),
      hostEntry: hostEntry(),
      clock: systemClock,
      log,
      onReady: () => tell({ type: 'ready' }),
      onRegistered: () => tell({ type: 'registered' }),
      inbox,
      onStatus: (status) => tell({ type: 'status', status }),
    });
    log.info({ leaving: signals.leave.aborted, draining: signals.drain.aborted }, 'The agent ends');
    return ExitCode.ok;
  } catch (error) {
    log.fatal({ err: error }, describeError(error));
    process.stderr.write(`${describeError(error)}\n`);
    if (!(error instanceof AppError)) return ExitCode.failed;
    if (error.code === 'agent-locked') return ExitCode.locked;
    return error.code === 'agent-settings' ? ExitCode.usage : ExitCode.failed;
  }
}

async function handedOver(leave: AbortSignal): Promise<number> {
  await untilAborted(leave);
  await systemClock.sleep(LEAVE_MS, new AbortController().signal);
  return ExitCode.ok;
}

/** In a bundle the two processes lie side by side; in the sources each has its folder. */
function hostEntry(): string {
  const bundled = join(import.meta.dirname, 'job-host.mjs');
  return existsSync(bundled) ? bundled : join(import.meta.dirname, '..', 'job-host', 'main.ts');
}

/** From the bundle's manifest, which lies beside this file. */
function readVersion(): string {
  try {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, 'manifest.json'), 'utf8')) as {
      version?: string;
    };
    return manifest.version ?? 'UNKNOWN';
  } catch {
    return 'UNKNOWN';
  }
}

if (import.meta.main) void main().then((code) => process.exit(code));
