// What the broker remembers of each cluster while the server runs. All of it can be lost: it is found out again.

/** Of one cluster. */
export interface ClusterState {
  /** The plugin is being asked about waiting jobs. */
  asking: boolean;
  /** An agent has come, become free or gone since it was last asked. */
  changed: boolean;
  /** Profiles for which agents are being started beforehand. */
  readonly beingStarted: Set<string>;
}

/** Of one retiring agent. */
export interface StopState {
  readonly retiredAt: number;
  inFlight: boolean;
  notBefore: number;
  failures: number;
}

export class ClusterBook {
  readonly #clusters = new Map<string, ClusterState>();
  readonly #stops = new Map<number, StopState>();
  readonly #idleSince = new Map<number, number>();

  cluster(id: string): ClusterState {
    const known = this.#clusters.get(id) ?? { asking: false, changed: false, beingStarted: new Set() };
    this.#clusters.set(id, known);
    return known;
  }

  stop(agent: number, now: number): StopState {
    const known = this.#stops.get(agent) ?? { retiredAt: now, inFlight: false, notBefore: 0, failures: 0 };
    this.#stops.set(agent, known);
    return known;
  }

  /** When this agent began to be idle; undefined while it is not. */
  idleSince(agent: number): number | undefined {
    return this.#idleSince.get(agent);
  }

  noteIdle(agent: number, idle: boolean, now: number): void {
    if (!idle) this.#idleSince.delete(agent);
    else if (!this.#idleSince.has(agent)) this.#idleSince.set(agent, now);
  }

  forgetAgent(agent: number): void {
    this.#stops.delete(agent);
    this.#idleSince.delete(agent);
  }
}
