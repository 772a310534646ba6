import { connect } from 'node:net';
import { asRealUser } from '@go-agent/runtime/core';
import type { buildConnector } from 'undici';

/** Connects to relay.sock as the agent's user: the job's own, if it is another one, is not let in. */
export function relayConnector(socketPath: string): buildConnector.connector {
  return (_options, callback) => {
    const socket = asRealUser(() => connect(socketPath));
    const onError = (error: Error) => callback(error, null);
    socket.once('error', onError).once('connect', () => {
      socket.off('error', onError);
      callback(null, socket);
    });
  };
}
