// Every change of the scheduler: one transaction at a time, and what it changed is told before the next one begins, so that memory,
// waiters and listeners see changes in the order in which they happened.

import type { ServerEvent } from '../core.ts';
import type { StageView } from '../domain/views.ts';
import { Gate } from '../materials/gate.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { Repositories } from '../store/repositories.ts';
import type { Store } from '../store/store.ts';

/** What a transaction has changed, for those who are told after its commit. */
export class Changes {
  readonly jobs: JobRecord[] = [];
  readonly events: ServerEvent[] = [];
  readonly afterwards: (() => void)[] = [];

  job(record: JobRecord): void {
    this.jobs.push(record);
    this.events.push({ type: 'job-changed', job: record.view });
  }

  stage(pipeline: string, counter: number, stage: StageView): void {
    this.events.push({ type: 'stage-changed', pipeline, counter, stage });
  }
}

export class Writer {
  readonly #store: Store;
  readonly #gate = new Gate(1);
  readonly #committed: (changes: Changes) => void;

  /** @param committed told after each commit, before the next transaction begins */
  constructor(store: Store, committed: (changes: Changes) => void) {
    this.#store = store;
    this.#committed = committed;
  }

  /** All or nothing. `work` must use the repositories that it is given, and nothing else of the store. */
  run<T>(work: (repositories: Repositories, changes: Changes) => Promise<T>): Promise<T> {
    return this.#gate.run(async () => {
      const changes = new Changes();
      const result = await this.#store.write((repositories) => work(repositories, changes));
      this.#committed(changes);
      return result;
    });
  }
}
