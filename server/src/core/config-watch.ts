// Takes the pipeline files into force, and tells what is wrong with them.

import type { Logger } from '@go-agent/runtime';
import type { LibraryChange, PipelineLibrary } from '../config/pipeline-library.ts';
import type { EventBus } from '../core.ts';
import type { HealthBoard } from './health-board.ts';

export interface ConfigWatchOptions {
  readonly library: PipelineLibrary;
  readonly health: HealthBoard;
  readonly events: EventBus;
  readonly logger: Logger;
  /** After a change of the files, whether it was good or not. */
  changed(): void;
}

export class ConfigWatch {
  readonly #options: ConfigWatchOptions;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
  }

  async reload(): Promise<void> {
    const change = await this.#options.library.reload();
    if (change === undefined) return;
    this.#tell(change);
    this.#options.events.publish({ type: 'config-changed' });
    this.#options.changed();
  }

  #tell({ mended, broken }: LibraryChange): void {
    const { health, logger } = this.#options;
    for (const file of mended) health.clear(scopeOf(file));
    for (const { file, problems, keepsLastGood } of broken) {
      const kept = keepsLastGood
        ? 'Its last good version stays in force.'
        : 'None of its pipelines is in force.';
      health.report({
        scope: scopeOf(file),
        level: 'error',
        message: `Pipeline file ${file} has ${problems.length} problem(s). ${kept}`,
        detail: problems.join('\n'),
      });
      logger.error({ file, problems }, 'A pipeline file is not usable as it is');
    }
  }
}

function scopeOf(file: string): string {
  return `config/${file}`;
}
