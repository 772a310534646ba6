// How things are in one cluster, and what is to be done about it: what the decisions of a turn are made from and made of.

import type { ElasticAgentPolicy } from './elastic-profile.ts';

export type RetireReason =
  | 'jobs-done'
  | 'idle-timeout'
  | 'not-needed'
  | 'never-registered'
  | 'lost'
  | 'stuck'
  | 'disabled';

export interface TurnAgent {
  /** Of its record; later ones have higher ids. */
  readonly id: number;
  readonly profileId: string;
  readonly environment?: string;
  readonly phase: 'starting' | 'registered' | 'retiring';
  /** It asks for work, and nobody has promised it any. */
  readonly available: boolean;
  /** It has a job, is about to be given one, or is still ending one. */
  readonly busy: boolean;
  /** It has been ending one that was taken back for longer than it may. */
  readonly stuck: boolean;
  readonly lost: boolean;
  readonly disabled: boolean;
  /** For which it was started, and whether that one still waits. */
  readonly startedFor?: { readonly jobId: number; readonly waits: boolean };
  readonly jobsGiven: number;
  readonly createdAt: number;
  /** When it has to be registered at the latest. */
  readonly startBy: number;
  /** It counts against `max_agents`. */
  readonly takesRoom: boolean;
  /** While it is not busy. */
  readonly idleSince?: number;
  /** While it is retiring: when its plugin may be asked to stop it. Absent: that is going on. */
  readonly stopAt?: number;
}

export interface TurnJob {
  readonly jobId: number;
  readonly profileId: string;
  readonly environment?: string;
  /** Since when it, in this attempt, waits; its place in the queue may be older. */
  readonly waitingSince: number;
  /** 1, and one more each time that it was scheduled again. */
  readonly attempt: number;
  /** It is about to be given to an agent. */
  readonly promised: boolean;
  /** What its plugin answered last; absent: it was never asked. */
  readonly answer?: {
    /** An agent is being started for it. */
    readonly holds: boolean;
    /** The plugin could not answer: it is left in peace until then. */
    readonly rests: boolean;
    readonly askAgainAt: number;
  };
}

export interface TurnProfile {
  readonly id: string;
  readonly policy: ElasticAgentPolicy;
  /** No agent is started for it before, because the last ones failed or the plugin said so. */
  readonly restUntil: number;
  /** A request to start some beforehand is going on. */
  readonly beingStarted: boolean;
}

export interface Turn {
  readonly now: number;
  readonly profiles: readonly TurnProfile[];
  readonly agents: readonly TurnAgent[];
  /** All that wait, oldest first. */
  readonly jobs: readonly TurnJob[];
  /** The plugin is being asked, or cannot be asked now. */
  readonly asking: boolean;
  /** Since it was last asked an agent has come, become free or gone. */
  readonly changed: boolean;
}

export interface TurnPlan {
  readonly retire: readonly { readonly id: number; readonly reason: RetireReason }[];
  /** Ids of retiring ones. */
  readonly stop: readonly number[];
  /** Ids of jobs to ask the plugin about; none if there is nothing to ask. */
  readonly ask: readonly number[];
  readonly start: readonly { readonly profileId: string; readonly count: number }[];
  /** Ids of jobs that have waited too long. */
  readonly expire: readonly number[];
  /** Ids of jobs that have been taken back from too many agents. */
  readonly giveUp: readonly number[];
  /** When to look again if nothing happens. */
  readonly nextAt: number;
}
