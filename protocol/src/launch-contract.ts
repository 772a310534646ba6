// What the bootstrapper, every future launcher and every future agent agree on. The bootstrapper is upgraded by hand
// only, so this file may gain optional fields and never change the meaning of one. docs/launch-contract.md explains it.

import type { BundleName } from './launch-numbers.ts';

export { BundleName, LAUNCH_CONTRACT, LaunchOutcome } from './launch-numbers.ts';

/** What the process's exit status is made of, since only 8 bits of an outcome survive. Documented in --help. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  locked: 4,
} as const;

/** How long a new version is watched, unless the setting `probation` says otherwise. */
export const DEFAULT_PROBATION_MS = 60_000;

/** `manifest.json` at the root of a bundle zip. */
export interface BundleManifest {
  readonly name: BundleName;
  readonly version: string;
  readonly contract: number;
  /** Path inside the bundle of the module that exports `main`. No top-level await in it. */
  readonly entry: string;
  /** SHA-256 in hex of each file of the bundle but the manifest, by path with `/`. */
  readonly files: Readonly<Record<string, string>>;
}

/** What the operator set by flag, environment or file, by kebab-case name. Unknown names are passed on untouched. */
export type Settings = Readonly<Record<string, string>>;

/** Given to the launcher's `main` as its worker data. */
export interface LaunchRequest {
  readonly contract: number;
  /** Absolute path of the agent's home folder. */
  readonly home: string;
  /** Without a trailing slash; ends in `/go`. */
  readonly serverUrl: string;
  readonly settings: Settings;
  /**
   * Command that runs the `main` of a bundle entry in a process of its own: `spawn(runtime[0], [...runtime.slice(1), entryFile])`.
   * Works the same whether the bootstrapper is a script or a single executable.
   */
  readonly runtime: readonly string[];
  readonly bootstrapperVersion: string;
  /** MD5 in hex of the launcher bundle that is running. */
  readonly launcherMd5: string;
  /** Absolute paths of the bundles that the bootstrapper carries. */
  readonly carried: { readonly launcher: string; readonly agent: string };
  /** Absolute path of the root document of The Update Framework that the bootstrapper carries. Absent: an old bootstrapper. */
  readonly trustRoot?: string;
  /** Launchers that the bootstrapper has given up, this one being better. Not to be put in place again. */
  readonly failedLaunchers?: readonly FailedLauncher[];
}

export interface FailedLauncher {
  readonly md5: string;
  readonly reason: string;
  /** No server had accepted its agent in time. If a server answers now, it was the launcher's fault. */
  readonly unproven?: boolean;
}

/** A launcher bundle's entry point. Resolves to a {@link LaunchOutcome} or the agent's exit status; never rejects. */
export type LauncherMain = (request: LaunchRequest, control: LaunchControl) => Promise<number>;

export interface LaunchControl {
  /** Aborted when the service shall end. The launcher ends the agent and resolves. */
  readonly stop: AbortSignal;
  /** Tells the bootstrapper how far it is; shown by `go-agent status`. */
  report(status: LaunchStatus): void;
  /** Has `listener` called with each message for the agent, those of earlier first. Absent: an old bootstrapper, which sends none. */
  listen?(listener: (message: AgentControl) => void): void;
}

/** What the operator wants of a running agent. Passed on by the bootstrapper and the launcher as it is; unknown types are ignored. */
export type AgentControl =
  /**
   * Finish the job, take no more, stay. `deadlineMs`: how long the job may still run, from now; 0: end it now, and report
   * it; absent: as long as it takes. A later one replaces an earlier one.
   */
  | { readonly type: 'drain'; readonly deadlineMs?: number }
  /** Take work again. */
  | { readonly type: 'resume' }
  /** All settings, as they are now. */
  | { readonly type: 'settings'; readonly settings: Settings }
  /** Send a `status` now. An agent that does not is stuck. */
  | { readonly type: 'report' };

/** What an agent says of itself: whenever it changes, and when it is asked. Times in ms since the epoch. */
export interface AgentStatus {
  readonly version?: string;
  readonly guid?: string;
  /** A ping was answered within twice the time between two. */
  readonly connected: boolean;
  /** The last answered ping of this process. */
  readonly lastContactAt?: number;
  /**
   * `starting`, `registering` (the server does not know it), `pending` (it is not approved), `idle`, `building`, `cancelled` (a job is
   * being ended), `draining` (a job is being finished, the last one), `drained` (there is no job and none will be taken),
   * `disabled` (by the server). Later agents may know more.
   */
  readonly state: string;
  /** Locator of the running job. */
  readonly job?: string;
  /** What the last attempt to be accepted by the server failed by. */
  readonly problem?: string;
  readonly disk?: { readonly freeBytes: number; readonly freeInodes?: number };
  /** A sentence for the operator: why no work is asked for. */
  readonly notAskingBecause?: string;
  /** Names of settings that were changed and need a restart of the agent. */
  readonly restartFor?: readonly string[];
}

export interface LaunchStatus {
  readonly phase: 'locking' | 'checking' | 'downloading' | 'running' | 'stopping';
  readonly detail?: string;
  readonly agentPid?: number;
  readonly agentMd5?: string;
  /** The last one of the agent that runs. */
  readonly agent?: AgentStatus;
}

/** Messages between the worker shim and the bootstrapper (structured clone over the worker's port). */
export type FromBootstrapper = { readonly type: 'stop' } | AgentControl;
export type FromLauncher =
  /** From the shim, twelve times in the time that a new version is watched: the thread does not hang. */
  | { readonly type: 'alive' }
  | { readonly type: 'status'; readonly status: LaunchStatus }
  | { readonly type: 'outcome'; readonly code: number; readonly message?: string };

/** First message from the launcher to the agent process, over Node's IPC channel (never argv: it may hold secrets). */
export interface AgentLaunchRequest {
  readonly type: 'launch';
  readonly contract: number;
  readonly home: string;
  readonly serverUrl: string;
  readonly settings: Settings;
  readonly runtime: readonly string[];
  readonly bootstrapperVersion: string;
  /** MD5s that the server offered when this agent was launched; a different offer later means "upgrade". Absent: none offered. */
  readonly offered: { readonly agent?: string; readonly launcher?: string; readonly plugins?: string };
  /**
   * The server was busy, or could not vouch for what it offers: when idle after this time (ms since the epoch), with an
   * offer that differs from what runs, ask for a relaunch.
   */
  readonly retryUpgradeAt?: number;
  /** MD5 of the agent bundle that is running. */
  readonly agentMd5: string;
  /** Value of the header `X-Agent-Versions` to send when asking for offers. A `versions` message replaces it. */
  readonly versions?: string;
  /** Absolute path of the unpacked `agent-plugins` bundle. Absent: there is none. */
  readonly pluginsFolder?: string;
}

/** Later messages from the launcher to the agent. `stop`: take no more work, end the running job's processes, exit. */
export type FromLauncherToAgent =
  | AgentLaunchRequest
  | { readonly type: 'stop' }
  | { readonly type: 'versions'; readonly versions: string }
  | AgentControl;

/** From the agent to its launcher. `ready`: the loops run. `registered`: one accepted ping. */
export type FromAgent =
  | { readonly type: 'ready' }
  | { readonly type: 'registered' }
  | { readonly type: 'status'; readonly status: AgentStatus };

/** The launcher's lock, in the home folder (reference: agent-behaviour 3.1). */
export const LAUNCHER_LOCK = '.agent-bootstrapper.running';
/** Held by the agent process, so that two agents never work under one guid. */
export const AGENT_LOCK = '.agent.running';
/** A signal, not a request over IPC, tells an agent whose supervisor died to leave its job host running and exit. */
export const HAND_OVER_SIGNAL = 'SIGTERM';

/** In `data/`, made by the bootstrapper for an operator: the next launch forgets which versions failed, and removes it. */
export const RETRY_UPGRADES_FILE = 'retry-upgrades';
