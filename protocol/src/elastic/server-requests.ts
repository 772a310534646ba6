// What a plugin may ask of the server beside keys. A plugin reaches its own agents and the consoles of its own jobs only.

import { array, object, optional, withDefault } from '../decode/compounds.ts';
import { decodeWith } from '../decode/decoder.ts';
import { boolean, integer, oneOf, string } from '../decode/scalars.ts';
import { type ElasticAgent, elasticAgent } from './elastic-agent.ts';

/** What was started for this agent id has ended or could not be started. Its key is void, its job asks again. Answered with null. */
export interface InstanceFailedParams {
  readonly agentId: string;
  readonly reason: string;
}

/** Something has changed in this cluster: ask about waiting jobs now. Answered with null. */
export interface AskAgainParams {
  readonly clusterId?: string;
}

export interface ListAgentsResult {
  readonly agents: readonly ElasticAgent[];
}

/** For `disable-agents` and `delete-agents`. Ids that are unknown or another plugin's are left alone. */
export interface AgentIdsParams {
  readonly agentIds: readonly string[];
  /** Delete agents with a job, too: the job is scheduled again. */
  readonly force: boolean;
}

export interface AgentIdsResult {
  readonly done: readonly string[];
  readonly refused: readonly { readonly agentId: string; readonly reason: string }[];
}

/** Answered with null. */
export interface AppendConsoleParams {
  readonly jobId: number;
  readonly text: string;
}

export interface ServerInfoResult {
  readonly serverId: string;
  readonly serverVersion: string;
  readonly serverUrl: string;
}

/** Replaces all messages of this plugin. Answered with null. */
export interface SetHealthParams {
  readonly messages: readonly { readonly type: 'warning' | 'error'; readonly message: string }[];
}

export const decodeInstanceFailedParams = decodeWith(
  object<InstanceFailedParams>({ agentId: string, reason: string }),
);
export const decodeAskAgainParams = decodeWith(object<AskAgainParams>({ clusterId: optional(string) }));
export const decodeListAgentsResult = decodeWith(object<ListAgentsResult>({ agents: array(elasticAgent) }));
export const decodeAgentIdsParams = decodeWith(
  object<AgentIdsParams>({ agentIds: array(string), force: withDefault(boolean, false) }),
);
export const decodeAgentIdsResult = decodeWith(
  object<AgentIdsResult>({
    done: array(string),
    refused: array(object<AgentIdsResult['refused'][number]>({ agentId: string, reason: string })),
  }),
);
export const decodeAppendConsoleParams = decodeWith(
  object<AppendConsoleParams>({ jobId: integer, text: string }),
);
export const decodeServerInfoResult = decodeWith(
  object<ServerInfoResult>({ serverId: string, serverVersion: string, serverUrl: string }),
);
export const decodeSetHealthParams = decodeWith(
  object<SetHealthParams>({
    messages: array(
      object<SetHealthParams['messages'][number]>({ type: oneOf(['warning', 'error']), message: string }),
    ),
  }),
);
