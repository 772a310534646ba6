// The tables. Times are epoch milliseconds, flags 0 or 1, lists and plans JSON; `*_key` columns are names in lower case.
// No column holds a secret in clear.

import type { Generated, Selectable } from 'kysely';

export interface Schema {
  readonly settings: SettingTable;
  readonly agents: AgentTable;
  readonly pipelines: PipelineTable;
  readonly pipeline_instances: InstanceTable;
  readonly pipeline_revisions: RevisionTable;
  readonly modifications: ModificationTable;
  readonly stages: StageTable;
  readonly jobs: JobTable;
  readonly job_plans: JobPlanTable;
  readonly job_transitions: JobTransitionTable;
  readonly agent_versions: AgentVersionsTable;
  readonly elastic_agents: ElasticAgentTable;
  readonly elastic_profiles: ElasticProfileTable;
}

export interface SettingTable {
  readonly name: string;
  readonly value: string;
}

export interface AgentTable {
  readonly uuid: string;
  readonly cookie: string | null;
  readonly host_name: string;
  readonly ip_address: string;
  readonly location: string;
  readonly operating_system: string;
  readonly elastic_agent_id: string | null;
  readonly elastic_plugin_id: string | null;
  readonly disabled: number;
  readonly resources: string;
  readonly environments: string;
  readonly registered_at: number;
}

/** What outlives a pipeline's configuration. */
export interface PipelineTable {
  readonly name_key: string;
  readonly counter: number;
  readonly paused: number;
  readonly paused_by: string | null;
  readonly paused_reason: string | null;
}

export interface InstanceTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly name_key: string;
  readonly group_name: string;
  readonly counter: number;
  readonly label: string;
  readonly scheduled_at: number;
  readonly approver: string;
  readonly message: string;
  readonly forced: number;
  /** Variables given at the trigger. */
  readonly overrides: string;
}

export interface RevisionTable {
  readonly instance_id: number;
  readonly position: number;
  readonly fingerprint: string;
  readonly material: string;
  readonly from_modification_id: number;
  readonly to_modification_id: number;
  readonly changed: number;
}

export interface ModificationTable {
  readonly id: Generated<number>;
  readonly fingerprint: string;
  readonly revision: string;
  readonly modified_at: number;
  readonly user_name: string;
  readonly email_address: string;
  readonly comment: string;
  readonly pipeline_label: string | null;
  readonly files: string;
}

export interface StageTable {
  readonly id: Generated<number>;
  readonly instance_id: number;
  /** Of the pipeline; to ask for a stage in any instance. */
  readonly pipeline_key: string;
  readonly name: string;
  readonly name_key: string;
  readonly counter: number;
  readonly state: string;
  readonly approval: string;
  readonly approved_by: string;
  readonly rerun_of_counter: number | null;
  readonly cancelled_by: string | null;
  readonly created_at: number;
  readonly completed_at: number | null;
}

export interface JobTable {
  readonly id: Generated<number>;
  readonly stage_id: number;
  readonly name: string;
  readonly name_key: string;
  readonly state: string;
  readonly result: string;
  readonly scheduled_at: number;
  readonly agent_uuid: string | null;
  readonly superseded: number;
  /** What an agent must offer, and the timeout in minutes. */
  readonly requirement: string;
  readonly timeout_minutes: number;
  /** Of the agent that has or had it, if that is or was an elastic one. */
  readonly elastic_agent_id: Generated<string | null>;
  readonly elastic_plugin_id: Generated<string | null>;
}

/** Only while the job is active. */
export interface JobPlanTable {
  readonly job_id: number;
  readonly plan: string;
}

export interface JobTransitionTable {
  readonly id: Generated<number>;
  readonly job_id: number;
  readonly state: string;
  readonly at: number;
}

/** Elastic agents from their keys to their ends. */
export interface ElasticAgentTable {
  readonly id: Generated<number>;
  readonly plugin_id: string;
  readonly agent_id: string | null;
  readonly cluster_id: string;
  /** JSON. */
  readonly cluster: string | null;
  readonly profile_id: string;
  readonly job_id: number | null;
  readonly environment: string | null;
  /** Of the registration key, which is spent once there is a uuid. */
  readonly key_hash: string | null;
  readonly key_expires_at: number;
  readonly uuid: string | null;
  readonly state: string;
  readonly stop_reason: string | null;
  readonly jobs_given: number;
  readonly created_at: number;
}

export interface ElasticProfileTable {
  /** `cluster` or `profile`. */
  readonly kind: string;
  readonly id: string;
  readonly body: string;
}

/** What an agent says about the bundles that it runs; `report` and `verdict` are JSON. */
export interface AgentVersionsTable {
  readonly uuid: string;
  readonly report: string;
  readonly reported_at: number;
  readonly verdict: string | null;
}

export type AgentRow = Selectable<AgentTable>;
export type InstanceRow = Selectable<InstanceTable>;
export type StageRow = Selectable<StageTable>;
export type ModificationRow = Selectable<ModificationTable>;
