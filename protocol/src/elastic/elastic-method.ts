// Names of the requests between the server and an elastic plugin of the RFC's dialect (docs/elastic.md). JSON-RPC 2.0 over the
// plugin's stdin and stdout, framed as language servers are (`Content-Length`). Parameters are always one object.

/** What the server asks of a plugin. Each is a request that waits for its answer; `null` where nothing is to be said. */
export const PluginMethod = {
  initialize: 'initialize',
  validate: 'validate',
  assignWork: 'assign-work',
  startAgents: 'start-agents',
  stopAgent: 'stop-agent',
  listInstances: 'list-instances',
  jobFinished: 'job-finished',
  jobCancelled: 'job-cancelled',
  jobRescheduled: 'job-rescheduled',
  agentEvent: 'agent-event',
  clustersChanged: 'clusters-changed',
  tick: 'tick',
  statusReport: 'status-report',
} as const;
export type PluginMethod = (typeof PluginMethod)[keyof typeof PluginMethod];

/** What a plugin may ask of the server, at any time, also while it answers a request. */
export const ServerMethod = {
  createRegistrationKey: 'create-registration-key',
  instanceFailed: 'instance-failed',
  askAgain: 'ask-again',
  listAgents: 'list-agents',
  disableAgents: 'disable-agents',
  deleteAgents: 'delete-agents',
  appendConsole: 'append-console',
  serverInfo: 'server-info',
  setHealth: 'set-health',
} as const;
export type ServerMethod = (typeof ServerMethod)[keyof typeof ServerMethod];
