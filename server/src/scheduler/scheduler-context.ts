import type { Logger } from '@go-agent/runtime';
import type { Clock } from '@go-agent/runtime/core';
import type { ConfigModel } from '../config/config-model.ts';
import type { AgentRegistry } from '../core/agents/agent-registry.ts';
import type { Background } from '../core/background.ts';
import type { HealthBoard } from '../core/health-board.ts';
import type { JobFiles } from '../core.ts';
import type { SecretBox } from '../store/secret-box.ts';
import type { Store } from '../store/store.ts';
import type { JobBoard } from './job-board.ts';
import type { Writer } from './writer.ts';

/** What the parts of the scheduler share. Made once, by createCore. */
export interface SchedulerContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: Store;
  readonly writer: Writer;
  readonly board: JobBoard;
  readonly registry: AgentRegistry;
  readonly background: Background;
  readonly health: HealthBoard;
  readonly secrets: SecretBox;
  readonly files: JobFiles;
  /** The configuration in force now. */
  config(): ConfigModel;
  /** Starts the pipeline if its materials ask for it. */
  considerAutomatic(pipeline: string): void;
}
