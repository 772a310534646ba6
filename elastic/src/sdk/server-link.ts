import {
  type CreateRegistrationKeyParams,
  type CreateRegistrationKeyResult,
  decodeCreateRegistrationKeyResult,
  type InstanceFailedParams,
  ServerMethod,
} from '@go-agent/protocol/elastic';
import type { MessageConnection } from 'vscode-jsonrpc/node';

/** What the kit asks of the server. */
export interface ServerLink {
  createRegistrationKey(params: CreateRegistrationKeyParams): Promise<CreateRegistrationKeyResult>;
  instanceFailed(params: InstanceFailedParams): Promise<void>;
  /** Asks to be asked about the waiting jobs of this cluster now. */
  askAgain(clusterId: string): Promise<void>;
}

export function serverLink(connection: MessageConnection): ServerLink {
  const ask = (method: string, params: object) => connection.sendRequest<unknown>(method, params);
  return {
    async createRegistrationKey(params) {
      return decodeCreateRegistrationKeyResult(await ask(ServerMethod.createRegistrationKey, params));
    },
    async instanceFailed(params) {
      await ask(ServerMethod.instanceFailed, params);
    },
    async askAgain(clusterId) {
      await ask(ServerMethod.askAgain, { clusterId });
    },
  };
}
