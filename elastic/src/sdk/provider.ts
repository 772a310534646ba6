// What the author of a provider writes. Everything else (messages, policy, leftovers, repetition) is the kit's.
import type { Clock, Secret } from '@go-agent/runtime/core';
import type { Log } from './log.ts';
import type { FieldProblem, Fields, Values } from './schema.ts';

/** One cluster profile, as an operation of a provider sees it. */
export interface Cluster<C, K = undefined> {
  /** The id of the cluster profile. */
  readonly id: string;
  /** What every agent of this cluster must bear, so that it is found again and no other server's is touched. */
  readonly labels: Readonly<Record<string, string>>;
  readonly properties: C;
  /** What `connect` resolved to. */
  readonly connection: K;
  readonly tools: Tools;
}

export interface Tools {
  readonly clock: Clock;
  readonly log: Log;
  /** A folder of the plugin's own that survives its restarts. Absolute; it exists. */
  readonly dataFolder: string;
}

/** An agent to be made. */
export interface AgentOrder<P> {
  /** Its elastic agent id: a valid DNS label, the same whenever the same order comes again. Use it as the name. */
  readonly agentId: string;
  readonly profileId: string;
  readonly profile: P;
  /** The cluster's labels and those of this agent. */
  readonly labels: Readonly<Record<string, string>>;
  /** Ends in `/go`. */
  readonly serverUrl: string;
  readonly registration: Registration;
}

/** With what the new agent introduces itself to the server. Each of these holds a key that works once: not for logs. */
export interface Registration {
  /** It must reach the agent by its environment or a file of mode 0600, never by a command line. */
  readonly key: Secret;
  /** The lines of `config/autoregister.properties` in the agent's home. */
  readonly properties: Readonly<Record<string, string>>;
  /** The same as environment (`GO_EA_...`), for a container whose image makes that file. */
  readonly variables: Readonly<Record<string, string>>;
}

export type CreateOutcome =
  | { readonly type: 'created' }
  /** Nothing was made, and nothing will be. Shown to those who wait for the job. */
  | { readonly type: 'refused'; readonly reason: string };

export interface FoundAgent {
  readonly agentId: string;
  /** `ended`: it does not run and never will again, but something of it is left to be removed. */
  readonly state: 'starting' | 'running' | 'ended';
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  readonly profileId?: string;
  /** One sentence: why it has not started, or how it ended. No secrets. */
  readonly detail?: string;
}

export interface Provider<CF extends Fields, PF extends Fields, K> {
  /** The plugin's id, such as `go-agent.docker`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly clusterSchema: CF;
  readonly profileSchema: PF;
  /** What the fields' own rules cannot say. */
  readonly checkProfile?: (profile: Values<PF>) => readonly FieldProblem[];
  readonly checkCluster?: (cluster: Values<CF>) => readonly FieldProblem[];
  /**
   * Called once for each cluster, and for each version of its properties with which agents are left. Disposed of, if it can be,
   * when it is not needed any more.
   */
  readonly connect: (cluster: Omit<Cluster<Values<CF>>, 'connection'>) => Promise<K>;
  /**
   * Makes one agent, and resolves as soon as it is certain that it comes. Called a second time for an agent that
   * exists, it resolves to `created` without making another. A failure that is thrown counts as "nobody knows". When
   * `signal` is aborted it is to be removed next: settle soon, but let nothing come up after that.
   */
  readonly create: (
    order: AgentOrder<Values<PF>>,
    cluster: Cluster<Values<CF>, K>,
    signal: AbortSignal,
  ) => Promise<CreateOutcome>;
  /** All agents that bear the cluster's labels, whatever their state. Throws if it cannot be known: never guesses. */
  readonly list: (cluster: Cluster<Values<CF>, K>, signal: AbortSignal) => Promise<readonly FoundAgent[]>;
  /** Ends an agent and removes all that it leaves. No failure if there is none. Once at a time for each agent. */
  readonly remove: (agentId: string, cluster: Cluster<Values<CF>, K>, signal: AbortSignal) => Promise<void>;
  /**
   * The plugin ends, as it does whenever the server does. Agents go on unless this ends them; there are 5 seconds for it. Called for
   * clusters as they are configured, not for earlier versions of them.
   */
  readonly close?: (cluster: Cluster<Values<CF>, K>) => Promise<void>;
  /** Calls `changed` whenever `list` may have another answer. Resolves when `signal` is aborted; called again if it fails. */
  readonly watch?: (
    cluster: Cluster<Values<CF>, K>,
    changed: () => void,
    signal: AbortSignal,
  ) => Promise<void>;
}

/** Checks the types; the value stays as it is. */
export function defineProvider<CF extends Fields, PF extends Fields, K>(
  provider: Provider<CF, PF, K>,
): Provider<CF, PF, K> {
  return provider;
}
