// What the bootstrapper, every future launcher and every future agent agree on. The bootstrapper is upgraded by hand
// only, so this file may gain optional fields and never change the meaning of one. docs/launch-contract.md explains it.

/** The contract's number, in each bundle's manifest. A bundle with a higher number is refused. */
export const LAUNCH_CONTRACT = 1;

/** How one launch ended, as the number that the bootstrapper acts upon. */
export const LaunchOutcome = {
  /** The agent asks to be started again (an upgrade is waiting). Relaunch at once. */
  relaunch: 0,
  /** A new launcher is in place. Relaunch at once. */
  replaced: 60,
  /** The agent process ended in a way that could not be read. Relaunch after a wait. */
  agentLost: -373,
  /** The launcher itself failed. Relaunch after a wait. */
  launcherFailed: -273,
  /** Another launcher holds the home folder, or something else that no relaunch mends. Stop for good. */
  stop: 0xbadbad,
} as const;

/** What the process's exit status is made of, since only 8 bits of an outcome survive. Documented in --help. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  locked: 4,
} as const;

export const BundleName = { launcher: 'agent-launcher', agent: 'agent', plugins: 'agent-plugins' } as const;
export type BundleName = (typeof BundleName)[keyof typeof BundleName];

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
}

/** A launcher bundle's entry point. Resolves to a {@link LaunchOutcome} or the agent's exit status; never rejects. */
export type LauncherMain = (request: LaunchRequest, control: LaunchControl) => Promise<number>;

export interface LaunchControl {
  /** Aborted when the service shall end. The launcher ends the agent and resolves. */
  readonly stop: AbortSignal;
  /** Tells the bootstrapper how far it is; shown by `go-agent status`. */
  report(status: LaunchStatus): void;
}

export interface LaunchStatus {
  readonly phase: 'locking' | 'checking' | 'downloading' | 'running' | 'stopping';
  readonly detail?: string;
  readonly agentPid?: number;
  readonly agentMd5?: string;
}

/** Messages between the worker shim and the bootstrapper (structured clone over the worker's port). */
export type FromBootstrapper = { readonly type: 'stop' };
export type FromLauncher =
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
  /** MD5 of the agent bundle that is running. */
  readonly agentMd5: string;
  /** Absolute path of the unpacked `agent-plugins` bundle. Absent: there is none. */
  readonly pluginsFolder?: string;
}

/** Later messages from the launcher to the agent. `stop`: take no more work, end the running job's processes, exit. */
export type FromLauncherToAgent = AgentLaunchRequest | { readonly type: 'stop' };

/** From the agent to its launcher. `ready`: the loops run. `registered`: one accepted ping. */
export type FromAgent = { readonly type: 'ready' } | { readonly type: 'registered' };

/** The launcher's lock, in the home folder (reference: agent-behaviour 3.1). */
export const LAUNCHER_LOCK = '.agent-bootstrapper.running';
/** Held by the agent process, so that two agents never work under one guid. */
export const AGENT_LOCK = '.agent.running';
/** A signal, not a request over IPC, tells an agent whose supervisor died to leave its job host running and exit. */
export const HAND_OVER_SIGNAL = 'SIGTERM';
