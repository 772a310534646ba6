import type { Readable, Writable } from 'node:stream';
import type { ExitStatus } from '../exit-status.ts';
import type { ProcessIdentity } from '../process-identity.ts';

/**
 * How surely everything that a process starts is found again.
 * `cgroup`: always, the kernel keeps the list (Linux with a writable cgroup v2).
 * `session`: by session, process group, ancestry and a marker in the environment. A process that clears its
 * environment, leaves its session and loses its parent between two looks escapes.
 */
export type ContainmentLevel = 'cgroup' | 'session';

/** The name of the variable that marks a contained process; its value has one part per container, joined by `:`. */
export const MARKER_VARIABLE = 'GO_AGENT_JOB_MARKER';

export interface SpawnContained {
  /** Found on the PATH of `env` unless it has a slash. */
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment; nothing is inherited. The marker is added. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard input, output, error. A number is a file descriptor of this process. Default ignore, pipe, pipe. */
  readonly stdio?: readonly ['ignore' | 'pipe', 'ignore' | 'pipe' | number, 'ignore' | 'pipe' | number];
  readonly uid?: number;
  readonly gid?: number;
  /**
   * Looked at right before the fork. A process is therefore either never started, or found by whoever ends the tree once this is
   * aborted.
   */
  readonly signal?: AbortSignal;
}

export interface ContainedProcess {
  readonly pid: number;
  readonly identity: ProcessIdentity;
  /** The streams that are pipes. Real ones where the system has them, so that a child may open `/dev/stdout` again. */
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** The exit of this process, whatever its descendants do. */
  readonly exited: Promise<ExitStatus>;
  /** Settles once this process has exited *and* nothing holds its output pipes any more. A background child may hold them for ever. */
  readonly outputEnded: Promise<void>;
}

export type SpawnFailureReason =
  /** `signal` was aborted. */
  | 'cancelled'
  | 'command-not-found'
  | 'command-not-executable'
  /** The command is a script and the program that its first line names does not exist. */
  | 'interpreter-not-found'
  | 'working-folder-missing'
  | 'working-folder-not-usable'
  | 'arguments-too-long'
  /** Anything else: no more processes or memory, a NUL in an argument. */
  | 'not-started';

export type SpawnResult =
  | { readonly ok: true; readonly process: ContainedProcess }
  | {
      readonly ok: false;
      readonly reason: SpawnFailureReason;
      /** One sentence for the user, with the path in question. */
      readonly message: string;
      readonly cause: Error;
    };

export interface EndOptions {
  /** From the first signal to SIGKILL, in milliseconds. 0 kills at once. */
  readonly graceMs: number;
  /** Default SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** How long SIGKILL may take to work (a process in uninterruptible sleep does not die), in milliseconds. Default 5000. */
  readonly killMs?: number;
  /** Aborted: the grace is over now. */
  readonly hurry?: AbortSignal;
}

export interface EndReport {
  readonly level: ContainmentLevel;
  /** Processes that were still there when the grace was over, and so got SIGKILL. */
  readonly killed: number;
  /** What SIGKILL did not end. Empty: nothing is left that this level can see. */
  readonly survivors: readonly ProcessIdentity[];
}

/** What another process needs to end a container whose owner has died. Plain JSON. */
export interface ContainerRef {
  readonly marker: string;
  /** Absolute path of the group, if the level is cgroup. */
  readonly cgroup?: string;
  /** The processes that were started directly. */
  readonly leaders: readonly ProcessIdentity[];
}

/** Processes that belong together, to be watched and ended as one. */
export interface ProcessTree extends AsyncDisposable {
  readonly level: ContainmentLevel;
  /** The processes that run now, without this one. */
  list(): Promise<readonly ProcessIdentity[]>;
  /** Sends a signal once to each process that runs now. */
  signalAll(signal: NodeJS.Signals): Promise<void>;
  /** SIGKILL until nothing is left. Resolves to what is left after `killMs` (default 5000). */
  killAll(killMs?: number): Promise<readonly ProcessIdentity[]>;
  /** The signal to all, the grace, SIGKILL to what is left. Resolves as soon as nothing is left. */
  end(options: EndOptions): Promise<EndReport>;
  /** Kills what is left and frees what the tree holds. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Everything that one job starts, one process after the other or several at once, and all of their descendants. */
export interface ProcessContainer extends ProcessTree {
  /** As of now; it gains a leader with each spawn. */
  ref(): ContainerRef;
  spawn(options: SpawnContained): Promise<SpawnResult>;
  /**
   * Does ahead, in the background, what the next `spawn` would take some 15 ms for. With a control group, this process
   * itself is in it from then on until the tree is killed or disposed of; it is never listed, signalled or killed.
   */
  prepare(): void;
  /** What runs now goes on when this process has ended: the next container does not take it for left behind. */
  keep(): void;
}
