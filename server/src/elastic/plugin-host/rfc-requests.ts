// What a plugin of the RFC's dialect asks of the server. It reaches its own agents, and the jobs of its own clusters.

import {
  type AgentIdsResult,
  decodeAgentIdsParams,
  decodeAppendConsoleParams,
  decodeAskAgainParams,
  decodeCreateRegistrationKeyParams,
  decodeInstanceFailedParams,
  decodeSetHealthParams,
  type ListAgentsResult,
  ServerMethod,
} from '@go-agent/protocol/elastic';
import { AppError } from '@go-agent/runtime/core';
import type { PluginDesk } from './plugin-desk.ts';

/** @throws AppError `plugin-request`; DecodeError */
export async function serveRfcRequest(desk: PluginDesk, method: string, params: unknown): Promise<unknown> {
  switch (method) {
    case ServerMethod.createRegistrationKey:
      return desk.createKey(decodeCreateRegistrationKeyParams(params));
    case ServerMethod.instanceFailed: {
      const { agentId, reason } = decodeInstanceFailedParams(params);
      await desk.instanceFailed(agentId, reason);
      return null;
    }
    case ServerMethod.askAgain:
      desk.askAgain(decodeAskAgainParams(params).clusterId);
      return null;
    case ServerMethod.listAgents:
      return { agents: desk.listAgents() } satisfies ListAgentsResult;
    case ServerMethod.disableAgents:
      return idsResult(await desk.disableAgents(decodeAgentIdsParams(params).agentIds));
    case ServerMethod.deleteAgents: {
      const { agentIds, force } = decodeAgentIdsParams(params);
      return idsResult(await desk.deleteAgents(agentIds, force));
    }
    case ServerMethod.appendConsole: {
      const { jobId, text } = decodeAppendConsoleParams(params);
      await desk.appendConsole(jobId, text);
      return null;
    }
    case ServerMethod.serverInfo:
      return desk.serverInfo();
    case ServerMethod.setHealth:
      desk.setHealth(decodeSetHealthParams(params).messages);
      return null;
    default:
      throw new AppError('plugin-request', `This server knows no request '${method}'`);
  }
}

function idsResult(outcomes: ReadonlyMap<string, string | undefined>): AgentIdsResult {
  const all = [...outcomes];
  return {
    done: all.flatMap(([agentId, reason]) => (reason === undefined ? [agentId] : [])),
    refused: all.flatMap(([agentId, reason]) => (reason === undefined ? [] : [{ agentId, reason }])),
  };
}
