import type { V1Pod } from '@kubernetes/client-node';

/** The pods of one cluster as the watch shows them. Of use only while the watch goes on. */
export class PodCache {
  readonly #pods = new Map<string, V1Pod>();
  /** What was set or deleted (null) since the list that is on its way was asked for. */
  #newer: Map<string, V1Pod | null> | null = null;
  #synced = false;

  /** Undefined while nobody watches: then the API server must be asked. */
  list(): readonly V1Pod[] | undefined {
    return this.#synced ? [...this.#pods.values()] : undefined;
  }

  /** A list is about to be asked for, to {@link replace} all. */
  listing(): void {
    this.#newer = new Map();
  }

  replace(pods: readonly V1Pod[]): void {
    const newer = this.#newer ?? new Map<string, V1Pod | null>();
    this.#newer = null;
    this.#pods.clear();
    for (const pod of pods) if (newer.get(nameOf(pod)) !== null) this.set(pod);
    // The answer may be older than a pod that was made meanwhile.
    for (const [name, pod] of newer) if (pod !== null && !this.#pods.has(name)) this.set(pod);
    this.#synced = true;
  }

  /** The watch is broken. */
  lose(): void {
    this.#synced = false;
    this.#newer = null;
  }

  set(pod: V1Pod): void {
    this.#pods.set(nameOf(pod), pod);
    this.#newer?.set(nameOf(pod), pod);
  }

  delete(name: string): void {
    this.#pods.delete(name);
    this.#newer?.set(name, null);
  }
}

function nameOf(pod: V1Pod): string {
  return pod.metadata?.name ?? '';
}
