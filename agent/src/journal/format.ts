// The journal of one job: a folder `jobs/<buildId>/` that the job host writes and the courier reads. It survives the
// death of either, and of the machine: whoever comes next reads in it what happened and what is still to be told.
//
//   assignment.json  the work and what the host needs to know of its agent; 0600; removed once the result is delivered
//   events.jsonl     one JournalEvent a line, each fsynced before the next step is taken
//   console.log      the exact bytes to deliver, tags, times and masking included
//   delivered.json   the courier's: what the server has accepted
//   host.sock        where the host listens for the courier (HostMessage, CourierMessage: one JSON a line)
//   relay.sock       where the courier lends the host its way to the server's files (HTTP, token added there)

import type { BuildWork } from '@go-agent/protocol';
import type { ContainerRef, ContainmentLevel, ProcessIdentity } from '@go-agent/runtime/core';
import type { JobUser } from './job-user.ts';

export const JOURNAL = {
  assignment: 'assignment.json',
  events: 'events.jsonl',
  console: 'console.log',
  delivered: 'delivered.json',
  hostSocket: 'host.sock',
  relaySocket: 'relay.sock',
} as const;

/** `assignment.json`. */
export interface Assignment {
  readonly version: 1;
  readonly buildId: number;
  /** See boot-id.ts. A job that had not begun when the machine went down is the server's to give out again. */
  readonly bootId: string;
  readonly work: BuildWork;
  readonly agent: {
    readonly uuid: string;
    readonly hostName: string;
    /** Absolute path of the agent's home; the job's working folder is relative to it. */
    readonly home: string;
    /** The value of GO_SERVER_URL for the job, without a trailing slash. */
    readonly serverUrl: string;
  };
  /** Names in the agent's own environment that the job must not inherit (settings, tokens). */
  readonly hiddenEnvironment: readonly string[];
  /** Milliseconds between the first signal and SIGKILL when the job is ended. */
  readonly graceMs: number;
  /** How long an on-cancel task may take, in milliseconds. Default 60,000. */
  readonly onCancelMs?: number;
  /** Absolute paths of the folders in which task plugins are looked for, in this order (docs/task-plugins.md). */
  readonly pluginFolders?: readonly string[];
  /** Absent: the job runs as the agent's own user. */
  readonly runAs?: JobUser;
}

export const JOURNAL_RESULTS = ['Passed', 'Failed', 'Cancelled'] as const;
export type JournalResult = (typeof JOURNAL_RESULTS)[number];

/** Who runs the job, and how to end what it started, should the host die. */
export interface JobStarted {
  readonly type: 'started';
  readonly host: ProcessIdentity;
  /** See boot-id.ts; another one now means that the host is gone by definition. */
  readonly bootId: string;
  readonly containment: ContainmentLevel;
  readonly container: ContainerRef;
}

/**
 * In this order, none twice; `preparing`, `building` and `completing` may be missing.
 * `started`: always the first, written before the host touches anything. A job with this event is never started a second time,
 * and two hosts that were given the same job cannot both write it (JournalWriter.begin).
 * `completing`: all tasks are over; reported as report_completing, then as state Completing.
 * `completed`: always the last. Reported as report_completed. Written by the courier if the host died before it could, or never began
 * (then `started` is missing; from JournalWriter.forestall until here the file is empty).
 */
export type JournalEntry =
  | JobStarted
  | { readonly type: 'preparing' }
  | { readonly type: 'building' }
  | { readonly type: 'completing'; readonly result: JournalResult }
  | { readonly type: 'completed'; readonly result: JournalResult; readonly reason?: string }
  /** Never written: what a host of a later version has written. */
  | { readonly type: 'unknown' };

/** One line of events.jsonl. */
export type JournalEvent = JournalEntry & {
  /** Epoch milliseconds. */
  readonly at: number;
  /**
   * Length of console.log, in bytes, when the event was written. Everything up to there is delivered before the event is reported
   * (reference: agent-protocol 10.2 no. 11).
   */
  readonly console: number;
};

/** `delivered.json`: replaced atomically. */
export interface Delivered {
  /** Bytes of console.log that the server has. */
  readonly console: number;
  /** How many events of events.jsonl have been reported (or need no report). */
  readonly events: number;
}

/** `timed-out`: the host's own, when the job has printed nothing for too long. Such a job has failed. */
export type CancelReason = 'cancelled' | 'ignored' | 'superseded' | 'agent-stopping' | 'timed-out';

/** Host to courier, over host.sock. Sent at once after connecting and after each write; may be coalesced. */
export type HostMessage = {
  readonly type: 'progress';
  readonly console: number;
  readonly events: number;
};

/** Courier to host, over host.sock. `force`: the grace is over at once; may follow a message without it. */
export type CourierMessage = {
  readonly type: 'cancel';
  readonly reason: CancelReason;
  readonly force?: boolean;
  /** A sentence for the job's console. */
  readonly note?: string;
};

/** Courier to a spare host, one JSON line on its stdin. A spare whose stdin ends before that exits. */
export interface SpareMessage {
  /** Absolute path of the job's folder, assignment.json in it. */
  readonly journal: string;
}
