import type { Clock } from '@go-agent/runtime/core';
import type { Log } from './log.ts';
import type { SecretBook } from './secret-book.ts';
import type { ServerLink } from './server-link.ts';

/** What all parts of a running plugin share. */
export interface PluginContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly secrets: SecretBook;
  readonly server: ServerLink;
  readonly serverId: string;
  readonly dataFolder: string;
  /** Aborted when the server has hung up. */
  readonly stop: AbortSignal;
}
