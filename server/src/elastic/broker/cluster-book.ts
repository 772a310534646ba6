// What the broker remembers of each cluster while the server runs. All of it can be lost: it is found out again.

import type { ClusterProfile } from '../../domain/elastic-profile.ts';

/** Of one cluster. */
export interface ClusterState {
  /** As what the plugin is being asked about waiting jobs; undefined: it is not. */
  asking: ClusterProfile | undefined;
  /** An agent has come, become free or gone since it was last asked. */
  changed: boolean;
  /** By profile: in what agents are being started beforehand. */
  readonly beingStarted: Map<string, ClusterProfile>;
}

/** Of one retiring agent. */
export interface StopState {
  inFlight: boolean;
  notBefore: number;
  failures: number;
  /** Since when, by the monotonic clock, it is refused where the cluster was before. */
  refusedSince?: number | undefined;
}

export class ClusterBook {
  /** How many agents are being stopped where their cluster was before. */
  stopsAtFormer = 0;
  readonly #clusters = new Map<string, ClusterState>();
  readonly #stops = new Map<number, StopState>();
  readonly #idleSince = new Map<number, number>();
  readonly #endingSince = new Map<number, number>();

  cluster(id: string): ClusterState {
    const known = this.#clusters.get(id) ?? { asking: undefined, changed: false, beingStarted: new Map() };
    this.#clusters.set(id, known);
    return known;
  }

  /** The cluster as the question had it to which a key is wanted as an answer; undefined: to none. */
  askedAs(wish: {
    readonly clusterId: string;
    readonly profileId: string;
    readonly jobId?: number | undefined;
  }): ClusterProfile | undefined {
    const { asking, beingStarted } = this.cluster(wish.clusterId);
    return wish.jobId === undefined ? beingStarted.get(wish.profileId) : asking;
  }

  stop(agent: number): StopState {
    const known = this.#stops.get(agent) ?? { inFlight: false, notBefore: 0, failures: 0 };
    this.#stops.set(agent, known);
    return known;
  }

  /** When this agent began to be idle; undefined while it is not. */
  idleSince(agent: number): number | undefined {
    return this.#idleSince.get(agent);
  }

  noteIdle(agent: number, idle: boolean, now: number): void {
    note(this.#idleSince, agent, idle, now);
  }

  /** When this agent began to end a job that was taken back; undefined while it does not. */
  endingSince(agent: number): number | undefined {
    return this.#endingSince.get(agent);
  }

  noteEnding(agent: number, ending: boolean, now: number): void {
    note(this.#endingSince, agent, ending, now);
  }

  forgetAgent(agent: number): void {
    this.#stops.delete(agent);
    this.#idleSince.delete(agent);
    this.#endingSince.delete(agent);
  }
}

function note(since: Map<number, number>, agent: number, is: boolean, now: number): void {
  if (!is) since.delete(agent);
  else if (!since.has(agent)) since.set(agent, now);
}
