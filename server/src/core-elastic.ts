// The line through the server (core.ts), for elastic agents (docs/elastic.md).

import type { ConfigurationField, StatusReportKind } from '@go-agent/protocol/elastic';
import type { ClusterProfile, ElasticAgentProfile } from './domain/elastic-profile.ts';
import type { JobView, JobWaitView } from './domain/views.ts';

export interface ProfileEntry<T> {
  readonly value: T;
  /** Those of files are edited in their files. */
  readonly origin: 'api' | 'file';
}

/** Without a key: of the whole. */
export interface ProfileProblem {
  readonly key?: string;
  readonly message: string;
}

/** As it may be shown to whom sent it. */
export interface RefusedProperty {
  readonly key: string;
  /** Only of what is known to be no secret. */
  readonly value?: string | undefined;
  readonly encryptedValue?: string | undefined;
  readonly problems: readonly string[];
}

export type ProfileSaved<T> =
  | { readonly type: 'ok'; readonly value: T }
  | { readonly type: 'not-found' | 'refused'; readonly message: string }
  | {
      readonly type: 'invalid';
      /** Of the profile itself. */
      readonly problems: readonly ProfileProblem[];
      readonly properties: readonly RefusedProperty[];
    };

interface Draft {
  readonly properties: readonly {
    readonly key: string;
    readonly value?: string | undefined;
    readonly encryptedValue?: string | undefined;
  }[];
}

export interface ElasticPluginView {
  readonly id: string;
  /** False: it is not running, since no cluster profile names it, and what it would say of itself is not known. */
  readonly isUsed: boolean;
  /** Why it does not work just now. */
  readonly unavailable?: string;
  readonly clusterFields: readonly ConfigurationField[];
  readonly profileFields: readonly ConfigurationField[];
  readonly statusReports: readonly StatusReportKind[];
}

export interface StatusReportWish {
  readonly pluginId: string;
  readonly kind: StatusReportKind;
  readonly clusterId?: string;
  readonly agentId?: string;
  readonly jobId?: number;
}

export type StatusReportOutcome =
  | { readonly type: 'ok'; readonly html: string }
  | { readonly type: 'not-found' | 'failed'; readonly message: string };

export interface ElasticDesk {
  /** Why this job waits; undefined if it does not, or not for an elastic agent. */
  waitOf(jobId: number): JobWaitView | undefined;
  /** All jobs that wait for elastic agents, oldest first. */
  waiting(): readonly { readonly job: JobView; readonly wait: JobWaitView }[];
  plugins(): readonly ElasticPluginView[];
  /** Starts it if it is not running, for the fields of its forms. */
  plugin(id: string): Promise<ElasticPluginView | undefined>;
  clusters(): readonly ProfileEntry<ClusterProfile>[];
  profiles(): readonly ProfileEntry<ElasticAgentProfile>[];
  saveCluster(
    draft: Omit<ClusterProfile, 'properties'> & Draft,
    change: 'create' | 'update',
  ): Promise<ProfileSaved<ClusterProfile>>;
  saveProfile(
    draft: Omit<ElasticAgentProfile, 'properties'> & Draft,
    change: 'create' | 'update',
  ): Promise<ProfileSaved<ElasticAgentProfile>>;
  removeCluster(id: string): Promise<ProfileSaved<string>>;
  removeProfile(id: string): Promise<ProfileSaved<string>>;
  /** Jobs that name this profile. */
  usages(
    profileId: string,
  ): readonly { readonly pipeline: string; readonly stage: string; readonly job: string }[];
  statusReport(wish: StatusReportWish): Promise<StatusReportOutcome>;
}
