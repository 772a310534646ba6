import type { Settings } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';

/** What a command gets of the process that it runs in; made once, in main.ts. */
export interface CommandContext {
  readonly clock: Clock;
  /** Prefix of a command that starts this program again. */
  readonly self: readonly string[];
  /** Folder with the bundles that the bootstrapper carries. */
  readonly bundles: string;
  readonly version: string;
  /** One line for a person, or for a program that reads. */
  print(line: string): void;
  printError(line: string): void;
  /** Standard output is a terminal. */
  readonly interactive: boolean;
  /** Aborted by the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal;
  /** Aborted by the second one. */
  readonly kill: AbortSignal;
  /** Tells `go-agent start`, if that is who started this process. */
  announce(message: StartMessage): void;
}

/** From a bootstrapper in the background to the `go-agent start` that waits for it. */
export type StartMessage =
  | { readonly type: 'phase'; readonly phase: string }
  | { readonly type: 'refused'; readonly message: string };

/** The options of `run` and `start`, checked. */
export interface RunOptions {
  readonly home: string;
  readonly serverUrl: string;
  readonly settings: Settings;
  /** Folder of bundles to use instead of those carried. */
  readonly bundles?: string;
}
