import { constant, type Fields, object, optional, tagged, withDefault } from './decode/compounds.ts';
import { type Decoder, decodeWith } from './decode/decoder.ts';
import { byteCount, oneOf, string } from './decode/scalars.ts';
import { encodeWith } from './gson-json.ts';

/** Reference 4.6. An agent sends `Idle`, `Building` or `Cancelled`; the rest are the server's own. */
export const AGENT_RUNTIME_STATUSES = [
  'Idle',
  'Building',
  'LostContact',
  'Missing',
  'Cancelled',
  'Unknown',
] as const;
export type AgentRuntimeStatus = (typeof AGENT_RUNTIME_STATUSES)[number];

/** The whole triple is the key under which a server parks work, so an agent keeps it constant (reference 4.7). */
export interface AgentIdentifier {
  readonly hostName: string;
  readonly ipAddress: string;
  readonly uuid: string;
}

/** Both empty when the agent is idle. */
export interface AgentBuildingInfo {
  /** `pipeline/label/stage/stageCounter/job`, unencoded. */
  readonly buildingInfo: string;
  /** `pipeline/counter/stage/stageCounter/job`, percent-encoded. */
  readonly buildLocator: string;
}

interface AgentRuntimeInfoFields {
  readonly identifier: AgentIdentifier;
  readonly runtimeStatus: AgentRuntimeStatus;
  readonly buildingInfo: AgentBuildingInfo;
  /** Absolute path of the agent's home folder. */
  readonly location: string;
  /** Free bytes where the pipelines are. */
  readonly usableSpace: number;
  readonly operatingSystemName: string;
  /** `UNKNOWN` without a bootstrapper. */
  readonly agentBootstrapperVersion?: string;
  readonly agentVersion?: string;
  /** From `get_cookie`; absent before it (reference 3.4). */
  readonly cookie?: string;
}

export interface PlainAgentRuntimeInfo extends AgentRuntimeInfoFields {
  readonly type: 'AgentRuntimeInfo';
}

export interface ElasticAgentRuntimeInfo extends AgentRuntimeInfoFields {
  readonly type: 'ElasticAgentRuntimeInfo';
  readonly elasticAgentId: string;
  readonly elasticPluginId: string;
}

/** What an agent says about itself in every call (reference 4.3). */
export type AgentRuntimeInfo = PlainAgentRuntimeInfo | ElasticAgentRuntimeInfo;

const identifier = object<AgentIdentifier>({ hostName: string, ipAddress: string, uuid: string });

const buildingInfo = object<AgentBuildingInfo>({
  buildingInfo: withDefault(string, ''),
  buildLocator: withDefault(string, ''),
});

const fields: Fields<AgentRuntimeInfoFields> = {
  identifier,
  runtimeStatus: oneOf(AGENT_RUNTIME_STATUSES),
  buildingInfo: withDefault(buildingInfo, { buildingInfo: '', buildLocator: '' }),
  location: withDefault(string, ''),
  usableSpace: withDefault(byteCount, 0),
  operatingSystemName: withDefault(string, ''),
  agentBootstrapperVersion: optional(string),
  agentVersion: optional(string),
  cookie: optional(string),
};

export const agentRuntimeInfo: Decoder<AgentRuntimeInfo> = tagged<AgentRuntimeInfo>('type', {
  AgentRuntimeInfo: object<PlainAgentRuntimeInfo>({ type: constant('AgentRuntimeInfo'), ...fields }),
  ElasticAgentRuntimeInfo: object<ElasticAgentRuntimeInfo>({
    type: constant('ElasticAgentRuntimeInfo'),
    elasticAgentId: withDefault(string, ''),
    elasticPluginId: withDefault(string, ''),
    ...fields,
  }),
});

export const decodeAgentRuntimeInfo = decodeWith(agentRuntimeInfo);
export const encodeAgentRuntimeInfo = encodeWith(decodeAgentRuntimeInfo);
