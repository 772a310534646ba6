import type { V1Pod } from '@kubernetes/client-node';

/** The pods of one cluster as the watch shows them. Of use only while the watch goes on. */
export class PodCache {
  readonly #pods = new Map<string, V1Pod>();
  #synced = false;

  /** Undefined while nobody watches: then the API server must be asked. */
  list(): readonly V1Pod[] | undefined {
    return this.#synced ? [...this.#pods.values()] : undefined;
  }

  replace(pods: readonly V1Pod[]): void {
    this.#pods.clear();
    for (const pod of pods) this.set(pod);
    this.#synced = true;
  }

  /** The watch is broken. */
  lose(): void {
    this.#synced = false;
  }

  set(pod: V1Pod): void {
    this.#pods.set(pod.metadata?.name ?? '', pod);
  }

  delete(name: string): void {
    this.#pods.delete(name);
  }
}
