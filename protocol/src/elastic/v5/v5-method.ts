const PREFIX = 'cd.go.elastic-agent.';

/** Server to plugin (reference: server-agents-jobs-elastic 3.2). */
export const V5Method = {
  getCapabilities: `${PREFIX}get-capabilities`,
  getIcon: `${PREFIX}get-icon`,
  getProfileMetadata: `${PREFIX}get-elastic-agent-profile-metadata`,
  getProfileView: `${PREFIX}get-elastic-agent-profile-view`,
  getClusterMetadata: `${PREFIX}get-cluster-profile-metadata`,
  getClusterView: `${PREFIX}get-cluster-profile-view`,
  migrateConfig: `${PREFIX}migrate-config`,
  validateProfile: `${PREFIX}validate-elastic-agent-profile`,
  validateCluster: `${PREFIX}validate-cluster-profile`,
  clusterProfileChanged: `${PREFIX}cluster-profile-changed`,
  createAgent: `${PREFIX}create-agent`,
  shouldAssignWork: `${PREFIX}should-assign-work`,
  jobCompletion: `${PREFIX}job-completion`,
  serverPing: `${PREFIX}server-ping`,
  pluginStatusReport: `${PREFIX}plugin-status-report`,
  clusterStatusReport: `${PREFIX}cluster-status-report`,
  agentStatusReport: `${PREFIX}agent-status-report`,
} as const;
export type V5Method = (typeof V5Method)[keyof typeof V5Method];

const PROCESSOR = 'go.processor.';

/** Plugin to server (reference 3.9), with the versions that the server knows. */
export const V5ServerMethod = {
  listAgents: `${PROCESSOR}elastic-agents.list-agents`,
  disableAgents: `${PROCESSOR}elastic-agents.disable-agents`,
  deleteAgents: `${PROCESSOR}elastic-agents.delete-agents`,
  pluginSettings: `${PROCESSOR}plugin-settings.get`,
  serverInfo: `${PROCESSOR}server-info.get`,
  addHealthMessages: `${PROCESSOR}server-health.add-messages`,
  appendConsole: `${PROCESSOR}console-log.append`,
} as const;
export type V5ServerMethod = (typeof V5ServerMethod)[keyof typeof V5ServerMethod];
