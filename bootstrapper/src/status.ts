import { LaunchOutcome, type LaunchStatus, type Settings } from '@go-agent/protocol/launch-contract';
import type { ProcessIdentity, ProcessPlace } from '@go-agent/runtime/core';
import type { SupervisorEvent } from './core/supervise.ts';

/** `data/bootstrapper.json`. Times are ISO 8601. */
export interface BootstrapperStatus {
  readonly version: 1;
  readonly process: ProcessIdentity;
  /** What starts that process again if it crashes. Absent: a service manager, or nothing. */
  readonly guard?: ProcessIdentity;
  /** Where that process is. */
  readonly place?: ProcessPlace;
  readonly since: string;
  readonly home: string;
  readonly serverUrl: string;
  readonly bootstrapperVersion: string;
  /** What the agent was started with, without secrets. */
  readonly settings?: Settings;
  /** For how long a running job may go on after SIGTERM. */
  readonly drainTimeoutMs?: number;
  /** How far the launcher is; `waiting` between two launches, `starting` before the first report of one. */
  readonly phase: LaunchStatus['phase'] | 'starting' | 'waiting';
  readonly detail?: string;
  readonly launcher?: {
    readonly version: string;
    readonly md5: string;
    readonly source: 'downloaded' | 'carried';
  };
  readonly agent?: { readonly pid: number; readonly md5?: string };
  /** Launches after the first one. */
  readonly restarts: number;
  /** Three waits since the last run of a minute. */
  readonly crashLoop: boolean;
  /** The launch that is going on, or was the last. */
  readonly launchedAt?: string;
  readonly lastOutcome?: {
    readonly code: number;
    readonly meaning: string;
    readonly at: string;
    readonly lastedMs: number;
    readonly message?: string;
  };
}

/** The status after an event. `now` in ms since the epoch. */
export function nextStatus(
  before: BootstrapperStatus,
  event: SupervisorEvent,
  now: number,
): BootstrapperStatus {
  switch (event.type) {
    case 'launching': {
      const { md5, source, version } = event.launcher;
      const restarts = before.launcher === undefined ? 0 : before.restarts + 1;
      return {
        ...idle(before),
        phase: 'starting',
        restarts,
        launchedAt: new Date(now).toISOString(),
        launcher: { version, md5, source },
      };
    }
    case 'status': {
      const { phase, detail, agentPid, agentMd5 } = event.status;
      return {
        ...idle(before),
        phase,
        ...(detail === undefined ? {} : { detail }),
        ...(agentPid === undefined
          ? {}
          : { agent: { pid: agentPid, ...(agentMd5 === undefined ? {} : { md5: agentMd5 }) } }),
      };
    }
    case 'ended': {
      const { code, lastedMs, message } = event.end;
      return {
        ...idle(before),
        phase: 'waiting',
        crashLoop: event.step !== 'stop' && event.step.crashLoop,
        lastOutcome: {
          code,
          meaning: outcomeMeaning(code),
          at: new Date(now).toISOString(),
          lastedMs: Math.round(lastedMs),
          ...(message === undefined ? {} : { message }),
        },
      };
    }
    default:
      return event satisfies never;
  }
}

const GOOD_RUN_MS = 60_000;

/** The status when its launch lasts for `lastsMs`: an agent that runs for a minute is in no crash loop any more. */
export function statusAsOf(status: BootstrapperStatus, lastsMs: number): BootstrapperStatus {
  const { phase, crashLoop } = status;
  return crashLoop && phase === 'running' && lastsMs >= GOOD_RUN_MS
    ? { ...status, crashLoop: false }
    : status;
}

/** For whoever has nothing but what was written down. A launch from the future was before a clock was set back, so not just now. */
export function lastsByWallClock({ launchedAt }: BootstrapperStatus, now: number): number {
  return launchedAt === undefined ? 0 : Math.abs(now - Date.parse(launchedAt));
}

/** Without what belongs to one moment of a launch. */
function idle({ detail: _detail, agent: _agent, ...rest }: BootstrapperStatus): BootstrapperStatus {
  return rest;
}

export function outcomeMeaning(code: number): string {
  const known: Readonly<Record<number, string>> = {
    [LaunchOutcome.relaunch]: 'the agent ended (exit code 0)',
    [LaunchOutcome.replaced]: 'a new launcher is in place',
    [LaunchOutcome.agentLost]: 'the agent was ended from outside',
    [LaunchOutcome.launcherFailed]: 'the launcher failed',
    [LaunchOutcome.stop]: 'the launcher refused to run',
  };
  return known[code] ?? `the agent ended with exit code ${code}`;
}

/** Decodes what an earlier or later version wrote: only what the commands rely on is demanded. */
export function decodeStatus(value: unknown): BootstrapperStatus {
  const status = value as Partial<BootstrapperStatus> | null;
  const pid = status?.process?.pid;
  if (!Number.isInteger(pid) || typeof status?.phase !== 'string')
    throw new Error('not a status of a bootstrapper');
  return status as BootstrapperStatus;
}
