import { hostname } from 'node:os';
import { agentActionPath, encodeAgentRequest, HeaderName, MediaType } from '@go-agent/protocol/operator';
import type { Subject } from '../subject.ts';
import type { HttpAnswer } from './send-request.ts';
import type { Reached } from './server-probe.ts';

/** Whom a server of ours knows under a guid (docs/architecture.md, extensions of the wire). */
export interface KnownAs {
  readonly hostName: string;
  readonly ipAddress: string;
  readonly location: string;
  /** Milliseconds since it was last heard of; absent if it was not since the server started. */
  readonly silentMs?: number;
}

export interface AskedAsAgent {
  /** 403: the server does not accept guid and token. */
  readonly status: number;
  /** By which this machine reaches the server. */
  readonly localAddress: string;
  readonly knownAs?: KnownAs;
}

/**
 * A ping without the agent's cookie: a server that accepts guid and token refuses it for the lack of the cookie, and takes over nothing
 * of it, so that an agent that runs is not disturbed (agent-protocol 3.4).
 */
export async function askAsAgent(
  { probe, home }: Subject,
  guid: string,
  token: string,
): Promise<Reached<AskedAsAgent>> {
  const connection = await probe.connection();
  const localAddress = connection.type === 'reached' ? connection.value : '';
  const body = encodeAgentRequest({
    type: 'PingRequest',
    agentRuntimeInfo: {
      type: 'AgentRuntimeInfo',
      identifier: { hostName: hostname(), ipAddress: localAddress, uuid: guid },
      runtimeStatus: 'Idle',
      buildingInfo: { buildingInfo: '', buildLocator: '' },
      location: home,
      usableSpace: 0,
      operatingSystemName: process.platform,
    },
  });
  const answer = await probe.request(agentActionPath('ping'), {
    method: 'POST',
    headers: {
      accept: MediaType.accept,
      'content-type': MediaType.request,
      [HeaderName.agentGuid]: guid,
      [HeaderName.authorization]: token,
    },
    body,
  });
  if (answer.type !== 'reached') return answer;
  const knownAs = decodeKnownAs(answer.value);
  return {
    type: 'reached',
    value: { status: answer.value.status, localAddress, ...(knownAs === undefined ? {} : { knownAs }) },
  };
}

function decodeKnownAs({ body, headers }: HttpAnswer): KnownAs | undefined {
  try {
    const { knownAs } = JSON.parse(body) as { readonly knownAs?: Readonly<Record<string, unknown>> };
    const { hostName, ipAddress, location, lastHeardAt } = knownAs ?? {};
    if (typeof hostName !== 'string' || typeof ipAddress !== 'string' || typeof location !== 'string')
      return undefined;
    // Both by the server's clock.
    const silentMs = Date.parse(headers['date'] ?? '') - Number(lastHeardAt);
    return { hostName, ipAddress, location, ...(Number.isNaN(silentMs) ? {} : { silentMs }) };
  } catch {
    return undefined;
  }
}
