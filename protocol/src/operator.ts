// What the operator's commands of `go-agent` need of the wire, and no more: they are part of the bootstrapper.
export { encodeAgentRequest } from './agent-requests.ts';
export { agentActionPath, endpointUrl, LATEST_AGENT_STATUS_PATH, LATEST_BUNDLES_PATH } from './endpoints.ts';
export { HeaderName, MediaType } from './header-name.ts';
export { parseProperties } from './java-properties.ts';
