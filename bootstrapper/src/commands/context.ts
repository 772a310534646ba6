import type { Settings } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';
import type { ListenAddress } from '../control/listen-address.ts';
import type { Installation } from '../installation.ts';

/** What a command gets of the process that it runs in; made once, in main.ts. */
export interface CommandContext extends Installation {
  readonly clock: Clock;
  readonly version: string;
  /** That of this process; what is added to it, its children inherit. */
  readonly environment: Record<string, string | undefined>;
  /** Where the command was given; the process may move on. */
  readonly cwd: string;
  /** One line for a person, or for a program that reads. */
  print(line: string): void;
  printError(line: string): void;
  /** Standard output is a terminal. */
  readonly interactive: boolean;
  /** `handler` is told of SIGTERM, SIGINT and SIGHUP, also of those that have come before; nothing else happens because of them. */
  takeSignals(handler: (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP') => void): void;
  /** Aborted by the first SIGTERM or SIGINT, and when nobody reads what is printed. */
  readonly stop: AbortSignal;
  /** Aborted by the second one. */
  readonly kill: AbortSignal;
  /** Tells `go-agent start`, if that is who started this process. */
  announce(message: StartMessage): void;
}

/** From a bootstrapper in the background to the `go-agent start` that waits for it. */
export type StartMessage =
  | { readonly type: 'phase'; readonly phase: string }
  /** What became of the first contact with the server; no problems: the agent is registered. */
  | { readonly type: 'agent'; readonly problems: readonly string[] }
  | { readonly type: 'refused'; readonly message: string };

/** The options of `run` and `start`, checked. */
export interface RunOptions {
  readonly home: string;
  readonly serverUrl: string;
  readonly settings: Settings;
  /** Variables from the file with settings that are no settings: for the environment of the agent and its jobs. */
  readonly environment: Readonly<Record<string, string>>;
  /** The settings as the file with settings has them by then. */
  readonly rereadSettings: () =>
    | { readonly ok: true; readonly settings: Settings }
    | { readonly ok: false; readonly message: string };
  /** For how long a running job may go on once the end was asked for. */
  readonly drainTimeoutMs: number;
  /** Where health is told over HTTP. Absent: nowhere. */
  readonly healthListen?: ListenAddress;
  /** The parent process is the guard of `go-agent start`. */
  readonly guarded: boolean;
  /** Folder of bundles to use instead of those carried. */
  readonly bundles?: string;
}
