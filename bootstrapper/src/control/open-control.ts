import type { Settings } from '@go-agent/protocol/launch-contract';
import { trimWhileWaiting } from '@go-agent/runtime/core';
import type { CommandContext, RunOptions } from '../commands/context.ts';
import type { JsonLog } from '../json-log.ts';
import type { BootstrapperStatus } from '../status.ts';
import { AgentLink } from './agent-link.ts';
import { ControlPoint } from './control-point.ts';
import { Shutdown } from './shutdown.ts';

export interface ControlParts {
  readonly status: { readonly current: BootstrapperStatus };
  readonly log: JsonLog;
  /** What the next launch is asked. */
  readonly asked: { settings: Settings };
  readonly retryUpgrades: () => void;
}

/** All by which a running bootstrapper can be told something: signals, the local socket, and HTTP if that is wanted. */
export function openControl(
  context: CommandContext,
  { home, drainTimeoutMs, healthListen, rereadSettings }: RunOptions,
  { status, log, asked, retryUpgrades }: ControlParts,
): { readonly link: AgentLink; readonly shutdown: Shutdown; readonly control: ControlPoint } {
  const { clock } = context;
  const link = new AgentLink(clock);
  const say = (sentence: string) => {
    log('info', sentence);
    if (context.interactive) context.print(sentence);
  };
  const shutdown = new Shutdown({ clock, drainTimeoutMs, link, say });
  const control = new ControlPoint({
    home,
    cwd: home,
    link,
    status,
    ...(healthListen === undefined ? {} : { healthListen }),
    rereadSettings,
    onSettings: (settings) => {
      asked.settings = settings;
    },
    onDrainTimeout: (ms) => {
      shutdown.drainTimeoutMs = ms;
    },
    retryUpgrades,
    clock,
    log,
  });
  // By then launcher and agent run, and all that is left to do is to wait.
  void trimWhileWaiting(clock, control.closed);
  context.takeSignals((signal) => {
    switch (signal) {
      case 'SIGTERM':
        shutdown.terminate();
        break;
      case 'SIGINT':
        shutdown.interrupt();
        break;
      case 'SIGHUP':
        // In the foreground it says that the terminal is gone.
        if (context.interactive) shutdown.interrupt();
        else control.reload();
        break;
      default:
        signal satisfies never;
    }
  });
  return { link, shutdown, control };
}
