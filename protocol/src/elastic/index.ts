// Messages between the server and elastic plugins (docs/elastic.md).
export {
  type AssignDecision,
  type AssignWorkParams,
  type AssignWorkResult,
  decodeAssignWorkParams,
  decodeAssignWorkResult,
} from './assign-work.ts';
export { type ConfigurationField, FIELD_TYPES, type FieldType } from './configuration-field.ts';
export { ELASTIC_AGENT_STATES, type ElasticAgent, type ElasticAgentState } from './elastic-agent.ts';
export {
  type ElasticCluster,
  type ElasticPolicy,
  type ElasticProfile,
  type ElasticProperties,
} from './elastic-cluster.ts';
export {
  AGENT_EVENTS,
  type AgentEventKind,
  type AgentEventParams,
  decodeAgentEventParams,
  decodeJobCancelledParams,
  decodeJobFinishedParams,
  decodeJobRescheduledParams,
  decodeTickParams,
  ELASTIC_JOB_RESULTS,
  type ElasticJobResult,
  type JobCancelledParams,
  type JobFinishedParams,
  type JobRescheduledParams,
  type ProfileLoad,
  type TickParams,
} from './elastic-events.ts';
export { type ElasticJob } from './elastic-job.ts';
export { PluginMethod, ServerMethod } from './elastic-method.ts';
export {
  type ClustersChangedParams,
  decodeClustersChangedParams,
  decodeInitializeParams,
  decodeInitializeResult,
  decodeValidateParams,
  decodeValidateResult,
  ELASTIC_PROTOCOL_VERSION,
  type InitializeParams,
  type InitializeResult,
  STATUS_REPORT_KINDS,
  type StatusReportKind,
  type ValidateParams,
  type ValidateResult,
} from './initialize.ts';
export {
  decodeListInstancesParams,
  decodeListInstancesResult,
  decodeStartAgentsParams,
  decodeStartAgentsResult,
  decodeStopAgentParams,
  type ElasticInstance,
  INSTANCE_STATES,
  type ListInstancesParams,
  type ListInstancesResult,
  STOP_REASONS,
  type StartAgentsParams,
  type StartAgentsResult,
  type StopAgentParams,
  type StopReason,
} from './instances.ts';
export {
  decodePluginManifest,
  PLUGIN_DIALECTS,
  type PluginDialect,
  type PluginManifest,
} from './plugin-manifest.ts';
export {
  type CreateRegistrationKeyParams,
  type CreateRegistrationKeyResult,
  decodeCreateRegistrationKeyParams,
  decodeCreateRegistrationKeyResult,
} from './registration-key.ts';
export {
  type AgentIdsParams,
  type AgentIdsResult,
  type AppendConsoleParams,
  type AskAgainParams,
  decodeAgentIdsParams,
  decodeAgentIdsResult,
  decodeAppendConsoleParams,
  decodeAskAgainParams,
  decodeInstanceFailedParams,
  decodeListAgentsResult,
  decodeServerInfoResult,
  decodeSetHealthParams,
  type InstanceFailedParams,
  type ListAgentsResult,
  type ServerInfoResult,
  type SetHealthParams,
} from './server-requests.ts';
export {
  decodeStatusReportParams,
  decodeStatusReportResult,
  type StatusReportParams,
  type StatusReportResult,
} from './status-report.ts';
export {
  decodeV5Request,
  decodeV5Response,
  decodeV5ServerRequest,
  V5_EXTENSION,
  V5_VERSION,
  type V5Request,
  type V5Response,
  type V5ServerRequest,
} from './v5/v5-envelope.ts';
export { V5Method, V5ServerMethod } from './v5/v5-method.ts';
export {
  encodeV5Body,
  type V5Agent,
  type V5AgentProfileEntry,
  type V5AgentStatusReport,
  type V5ClusterProfileChanged,
  type V5ClusterStatusReport,
  type V5CreateAgent,
  type V5JobCompletion,
  type V5JobIdentifier,
  type V5MigrateConfig,
  type V5PluginStatusReport,
  type V5ProfileEntry,
  type V5RequestBody,
  type V5ServerPing,
  type V5ShouldAssignWork,
  type V5Validate,
} from './v5/v5-request-body.ts';
export {
  decodeV5Capabilities,
  decodeV5Fields,
  decodeV5Flag,
  decodeV5Icon,
  decodeV5MigrateConfig,
  decodeV5Problems,
  decodeV5Template,
  decodeV5View,
  type V5Capabilities,
  type V5Field,
  type V5Icon,
  type V5Problem,
} from './v5/v5-response-body.ts';
export {
  decodeV5AgentIds,
  decodeV5ConsoleAppend1,
  decodeV5ConsoleAppend2,
  decodeV5HealthMessages,
  type V5ConsoleAppend,
  type V5HealthMessage,
} from './v5/v5-server-request-body.ts';
