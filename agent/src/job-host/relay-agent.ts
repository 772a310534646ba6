import type { Agent } from 'node:http';
import { connect } from 'node:net';
import { asRealUser } from '@go-agent/runtime/core';

/** Connects to relay.sock as the agent's user: the job's own, if it is another one, is not let in. */
export function relayAgent(socketPath: string, connections: number): Agent {
  const agent = new (process.getBuiltinModule('node:http').Agent)({
    keepAlive: true,
    maxSockets: connections,
  });
  agent.createConnection = () => asRealUser(() => connect(socketPath));
  return agent;
}
