// Bodies of the server's requests (reference: server-agents-jobs-elastic 3.3 to 3.8). Values of properties are texts, absent keys are
// left out, `stage_counter` is a text and `job_id` a number.

import type { ElasticProperties } from '../elastic-cluster.ts';

export interface V5JobIdentifier {
  readonly pipeline_name: string;
  readonly pipeline_label: string;
  readonly pipeline_counter: number;
  readonly stage_name: string;
  readonly stage_counter: string;
  readonly job_name: string;
  readonly job_id: number;
}

export interface V5Agent {
  readonly agent_id: string;
  readonly agent_state: 'Idle' | 'Building' | 'LostContact' | 'Missing' | 'Unknown';
  readonly build_state: 'Idle' | 'Building' | 'Cancelled' | 'Unknown';
  readonly config_state: 'Enabled' | 'Disabled';
}

export interface V5CreateAgent {
  readonly auto_register_key: string;
  readonly elastic_agent_profile_properties: ElasticProperties;
  readonly cluster_profile_properties: ElasticProperties;
  readonly environment?: string;
  readonly job_identifier: V5JobIdentifier;
}

export interface V5ShouldAssignWork {
  readonly environment?: string;
  readonly elastic_agent_profile_properties: ElasticProperties;
  readonly cluster_profile_properties: ElasticProperties;
  readonly agent: V5Agent;
  readonly job_identifier: V5JobIdentifier;
}

export interface V5JobCompletion {
  readonly elastic_agent_id: string;
  readonly job_identifier: V5JobIdentifier;
  readonly elastic_agent_profile_properties: ElasticProperties;
  readonly cluster_profile_properties: ElasticProperties;
}

export interface V5ServerPing {
  readonly all_cluster_profile_properties: readonly ElasticProperties[];
}

/** Mind the name: it is not that of the ping. */
export interface V5PluginStatusReport {
  readonly all_cluster_profiles_properties: readonly ElasticProperties[];
}

export interface V5ClusterStatusReport {
  readonly cluster_profile_properties: ElasticProperties;
}

export interface V5AgentStatusReport {
  readonly job_identifier: V5JobIdentifier;
  readonly cluster_profile_properties: ElasticProperties;
  /** Absent: no agent has been given the job yet. */
  readonly elastic_agent_id?: string;
}

export type V5ClusterProfileChanged =
  | { readonly status: 'created' | 'deleted'; readonly cluster_profiles_properties: ElasticProperties }
  | {
      readonly status: 'updated';
      readonly old_cluster_profiles_properties: ElasticProperties;
      readonly cluster_profiles_properties: ElasticProperties;
    };

/** All fields that the plugin has named, null where there is no value. */
export type V5Validate = Readonly<Record<string, string | null>>;

export interface V5ProfileEntry {
  readonly id: string;
  readonly plugin_id: string;
  readonly properties: ElasticProperties;
}

export interface V5AgentProfileEntry extends V5ProfileEntry {
  readonly cluster_profile_id: string;
}

/** Also the shape of its answer. */
export interface V5MigrateConfig {
  readonly plugin_settings: ElasticProperties;
  readonly cluster_profiles: readonly V5ProfileEntry[];
  readonly elastic_agent_profiles: readonly V5AgentProfileEntry[];
}

export type V5RequestBody =
  | V5CreateAgent
  | V5ShouldAssignWork
  | V5JobCompletion
  | V5ServerPing
  | V5PluginStatusReport
  | V5ClusterStatusReport
  | V5AgentStatusReport
  | V5ClusterProfileChanged
  | V5Validate
  | V5MigrateConfig;

export function encodeV5Body(body: V5RequestBody): string {
  return JSON.stringify(body);
}
